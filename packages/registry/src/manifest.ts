import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** This package's own package.json, the same from the sources and from the build. */
export function ownManifest(): Manifest {
  return require("@gradpool/registry/package.json") as Manifest;
}

/** The package.json of an installed package, looked for from `from` (default: this package); undefined if not to be had. */
export function manifestOf(name: string, from: string | URL = import.meta.url): Manifest | undefined {
  try {
    return createRequire(from)(`${name}/package.json`) as Manifest;
  } catch {
    return undefined;
  }
}
