/** `file:line:column` of each frame of a stack that is in a file, the innermost first. */
export function framesOf(stack: string | undefined): string[] {
  return (stack ?? "").split("\n").flatMap((line) => {
    const place = /^\s*at (?:.*\()?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/.exec(line)?.[1];
    return place === undefined ? [] : [place.replace(/^file:\/\/(?=\/)/, "")];
  });
}

/** The folder in which this package lies beside the others. */
const packages = /^(?:file:\/\/(?=\/))?(.*[/\\])core[/\\](?:dist|src)[/\\]/.exec(import.meta.url)?.[1];

/** Is a frame in the code of a package that runs pools, and not in a pool's? */
export const isOurs = (place: string): boolean =>
  packages !== undefined &&
  place.startsWith(packages) &&
  /^(?:core|linalg|trainer|registry|runs|bench|cli)[/\\](?:dist|src)[/\\]/.test(place.slice(packages.length));
