import { createRequire } from "node:module";
import { dirname } from "node:path";

/** This package's folder, the same from the sources and from the build. */
export const ownFolder: string = dirname(createRequire(import.meta.url).resolve("@gradpool/bench/package.json"));
