import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { bindingName, buildBinding, cudaRequirements, extractCuda } from "./build.js";
import type { Check } from "./check.js";
import { checkBinding } from "./check.js";
import { findCompiler } from "./compile.js";
import { failure } from "./error.js";
import type { FetchedWheel, FetchSettings } from "./fetch-wheel.js";
import { fetchWheel } from "./fetch-wheel.js";
import { digestOf } from "./pip.js";
import { thisMachine, wheelArch } from "./platform.js";
import { swapIn, withStaging } from "./staging.js";
import type { Manifest, Target } from "./target.js";
import { findTarget, manifestName, readManifest } from "./target.js";
import { fetchTensorflow, knownTensorflow } from "./tensorflow.js";
import { parseWheelName } from "./wheel.js";

export interface InstallOptions {
  /** The project whose tfjs-node is meant; default: the current folder. */
  readonly cwd?: string;
  /** tfjs-node-gpu, TensorFlow's GPU wheel and the CUDA libraries it names; default false. */
  readonly gpu?: boolean;
  /** TensorFlow's version; default 2.19.1, or, where that is not offered, the nearest that is known to work. */
  readonly tensorflow?: string;
  /** A wheel of TensorFlow on this disk, in place of a download. */
  readonly wheel?: string;
  /** How wheels are fetched; default `auto`: plain HTTPS, then pip where that fails. */
  readonly via?: "auto" | "https" | "pip";
  /** Install again what is already in place; default false. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /** Told what happens, a line at a time. */
  readonly onStep?: (line: string) => void;
  /** Told how a download goes. */
  readonly onProgress?: (file: string, received: number, total: number | undefined) => void;
}

export interface InstallResult {
  readonly action: "installed" | "already";
  readonly package: string;
  readonly directory: string;
  readonly tensorflow: string;
  readonly gpu: boolean;
  readonly wheels: Manifest["wheels"];
  readonly libraries: readonly string[];
  readonly check: Check;
  readonly seconds: number;
}

/**
 * Puts the C library of TensorFlow's own PyPI wheel under the installed tfjs-node (`gpu`: tfjs-node-gpu), builds the package's
 * binding against it, and checks both in another process before one rename turns them on. Throws a `GradpoolError`; whatever
 * happens, the package is left either as it was or fully installed.
 */
export async function install(options: InstallOptions = {}): Promise<InstallResult> {
  const started = performance.now();
  const { gpu = false, force = false, via = "auto", signal, onStep = () => {} } = options;
  const target = findTarget(options.cwd ?? process.cwd(), gpu);
  const machine = thisMachine();
  wheelArch(machine, gpu);
  const named = options.wheel === undefined ? options.tensorflow : wheelVersion(options.wheel);
  const versions = named === undefined ? knownTensorflow(gpu) : [named];
  const done = (
    action: InstallResult["action"],
    { wheels, libraries, tensorflow }: Manifest,
    check: Check,
  ): InstallResult => {
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    return { action, package: target.name, directory: target.lib, tensorflow, gpu, wheels, libraries, check, seconds };
  };

  const before = readUnlessForced(force, target);
  if (before !== undefined && versions.includes(before.tensorflow) && before.packageVersion === target.version) {
    const check = await checkBinding(target.directory, join(target.lib, target.folder, bindingName), signal).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        onStep(`what is installed does not work and is replaced: ${(error as Error).message}`);
      },
    );
    if (check !== undefined) return done("already", before, check);
  }

  const compiler = findCompiler();
  return withStaging(target, async (staging) => {
    const settings: FetchSettings = {
      machine,
      gpu,
      via,
      env: process.env,
      say: onStep,
      progress: options.onProgress ?? (() => {}),
      signal,
    };
    const project = gpu || machine.arch === "arm64" ? "tensorflow" : "tensorflow-cpu";
    const main =
      options.wheel === undefined
        ? await fetchTensorflow(project, versions, join(staging, "wheel"), settings)
        : await ownWheel(options.wheel);
    const lib = join(staging, "lib");
    const folder = join(lib, target.folder);
    mkdirSync(folder, { recursive: true });
    onStep(`unpacking ${main.file} and building the binding of ${target.name} with ${compiler}`);
    const { libraries, metadata } = await buildBinding({ wheel: main.path, target, compiler, staging, folder, signal });
    rmSync(join(staging, "wheel"), { recursive: true, force: true });

    const wheels = [{ file: main.file, sha256: main.sha256 }];
    for (const requirement of gpu ? cudaRequirements(metadata, main.file) : []) {
      const cuda = await fetchWheel(requirement, join(staging, "cuda"), settings);
      wheels.push({ file: cuda.file, sha256: cuda.sha256 });
      libraries.push(...(await extractCuda(cuda.path, folder, signal)));
      rmSync(join(staging, "cuda"), { recursive: true, force: true });
    }

    onStep("checking a matrix product and a gradient in another process");
    const check = await checkBinding(target.directory, join(folder, bindingName), signal);
    const { name, version: packageVersion, napi } = target;
    const installedAt = new Date().toISOString();
    const manifest: Manifest = {
      format: 1,
      package: name,
      packageVersion,
      tensorflow: main.version,
      gpu,
      napi,
      wheels,
      libraries,
      compiler,
      installedAt,
    };
    writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    signal?.throwIfAborted();
    swapIn(target, staging, lib);
    return done("installed", manifest, check);
  });
}

/** A damaged record must not stand in the way of the run that mends it. */
function readUnlessForced(force: boolean, target: Target): Manifest | undefined {
  return force ? undefined : readManifest(target);
}

function wheelVersion(path: string): string {
  const name = parseWheelName(basename(path));
  if (!existsSync(path) || name === undefined || !/^tensorflow(_cpu)?$/.test(name.project))
    throw failure(
      "invalid-option",
      "no wheel of tensorflow or tensorflow-cpu",
      `--wheel ${path}`,
      "name a file as PyPI calls it: tensorflow_cpu-2.19.1-….whl",
    );
  return name.version;
}

async function ownWheel(path: string): Promise<FetchedWheel & { readonly version: string }> {
  const version = wheelVersion(path);
  return { path: resolve(path), file: basename(path), sha256: await digestOf(path), version };
}
