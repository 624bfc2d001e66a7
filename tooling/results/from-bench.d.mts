export function fromBench(
  folder: string,
  about: {
    readonly name: string;
    readonly words: string;
    readonly circumstances?: string;
    readonly command?: string;
    readonly quiet?: boolean;
  },
): object;
