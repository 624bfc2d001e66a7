export function fromBench(
  folder: string,
  about: {
    readonly name: string;
    readonly words: string;
    readonly circumstances?: string;
    readonly command?: string;
    readonly processor?: string;
    readonly quiet?: boolean;
    readonly experiment?: boolean;
  },
): object;
