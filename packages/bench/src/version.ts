import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** This package's own package.json, the same from the sources and from the build. */
export function ownManifest(): Manifest {
  return require("@gradpool/bench/package.json") as Manifest;
}

/** This package's folder, the same from the sources and from the build. */
export function ownFolder(): string {
  return dirname(require.resolve("@gradpool/bench/package.json"));
}

/** The package.json of an installed package, looked for from `from` (default: this package); undefined if not to be had. */
export function manifestOf(name: string, from: string | URL = import.meta.url): Manifest | undefined {
  try {
    return createRequire(from)(`${name}/package.json`) as Manifest;
  } catch {
    return undefined;
  }
}
