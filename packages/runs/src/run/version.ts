import { createRequire } from "node:module";

/** This package's version, the same from the sources and from the build. */
export function ownVersion(): string {
  const manifest = createRequire(import.meta.url)("@gradpool/runs/package.json") as { readonly version: string };
  return manifest.version;
}
