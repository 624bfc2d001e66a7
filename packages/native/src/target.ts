import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { failure } from "./error.js";

/** The package whose native half is put in place, as found from the user's project. */
export interface Target {
  readonly name: "@tensorflow/tfjs-node" | "@tensorflow/tfjs-node-gpu";
  readonly version: string;
  /** The package's real folder, behind any symbolic link that a package manager made. */
  readonly directory: string;
  /** `<directory>/lib`: everything this package installs lives in this one folder, so that one rename turns it on. */
  readonly lib: string;
  /** The Node-API version that tfjs-node builds against and looks for on this Node. */
  readonly napi: number;
  /** `napi-v<napi>` inside `lib`. */
  readonly folder: string;
}

/** What was installed, kept beside the library. */
export interface Manifest {
  readonly format: 1;
  readonly package: string;
  readonly packageVersion: string;
  readonly tensorflow: string;
  readonly gpu: boolean;
  readonly napi: number;
  readonly wheels: readonly { readonly file: string; readonly sha256: string }[];
  readonly libraries: readonly string[];
  readonly compiler: string;
  readonly installedAt: string;
}

export const manifestName: string = "gradpool-native.json";

/** Where a library that was there before is kept, so that `uninstall` can give it back. */
export const keptName: string = "lib.before-gradpool";

interface PackageJson {
  readonly version?: string;
  readonly binary?: { readonly module_path?: string; readonly napi_versions?: readonly number[] };
}

/** Finds tfjs-node (or, for `gpu`, tfjs-node-gpu) the way Node would from `cwd`, in the folders above it. */
export function findTarget(cwd: string, gpu: boolean): Target {
  const name = gpu ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
  const manifest = locate(resolve(cwd), name);
  if (manifest === undefined)
    throw failure("not-found", `${name} is not installed`, resolve(cwd), `npm install --ignore-scripts ${name}@4.22.0`);
  const directory = dirname(realpathSync(manifest));
  const json = JSON.parse(readFileSync(manifest, "utf8")) as PackageJson;
  const known = json.binary?.napi_versions ?? [];
  const supported = Number(process.versions.napi);
  const napi = Math.max(...known.filter((version) => version <= supported));
  if (!Number.isFinite(napi) || json.version === undefined)
    throw failure(
      "unsupported",
      `${name} names no Node-API version up to ${supported}`,
      manifest,
      `install ${name}@4.22.0`,
    );
  return { name, version: json.version, directory, lib: join(directory, "lib"), napi, folder: `napi-v${napi}` };
}

/**
 * The package's package.json, by the folders Node would look in: `exports` or a broken main file must not hide it. Not by NODE_PATH,
 * which package managers set to folders of their own: what lies there is not the project's.
 */
function locate(cwd: string, name: string): string | undefined {
  const folders = createRequire(join(cwd, "noop.js")).resolve.paths(name) ?? [];
  const above = (folder: string): boolean => !relative(dirname(folder), cwd).startsWith("..");
  return folders
    .filter(above)
    .map((folder) => join(folder, name, "package.json"))
    .find((path) => existsSync(path));
}

/** What a former run wrote into `lib`, or undefined when the library there is none or is not ours. */
export function readManifest(target: Target, lib: string = target.lib): Manifest | undefined {
  const path = join(lib, target.folder, manifestName);
  if (!existsSync(path)) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    return manifest.format === 1 ? manifest : undefined;
  } catch (cause) {
    throw failure("damaged", "the record of the installation cannot be read", path, "run install --force", cause);
  }
}
