export function writeGenerated(out: string, sources: readonly string[], code: string, folder?: string): void;
/** Whether a package's generated module is there, and made from the sources that are there. */
export function isFresh(folder: string, out: string): boolean;
