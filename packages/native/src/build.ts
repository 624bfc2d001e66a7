import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { compileObjects, extractHeaders, linkBinding, tensorflowLibraries } from "./compile.js";
import { failure } from "./error.js";
import type { Target } from "./target.js";
import { openWheel } from "./unzip.js";
import type { Requirement } from "./wheel.js";
import { extraRequirements } from "./wheel.js";

/** The file that tfjs-node loads. */
export const bindingName: string = "tfjs_binding.node";

export interface BuildInputs {
  /** TensorFlow's wheel. */
  readonly wheel: string;
  readonly target: Target;
  readonly compiler: string;
  readonly staging: string;
  /** Where the libraries and the binding go, side by side. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Unpacks TensorFlow's libraries and compiles the package's own binding against them, both at once; returns what lies there now. */
export async function buildBinding(inputs: BuildInputs): Promise<{ libraries: string[]; metadata: string }> {
  const { target, compiler, staging, folder, signal } = inputs;
  const sources = join(target.directory, "binding");
  const include = join(staging, "include");
  mkdirSync(include, { recursive: true });
  const wheel = await openWheel(inputs.wheel);
  try {
    await extractHeaders(wheel, sources, include);
    const unpack = async (): Promise<void> => {
      for (const name of tensorflowLibraries) await wheel.extract(`tensorflow/${name}`, join(folder, name), signal);
    };
    const compiled = compileObjects({ compiler, sources, include, scratch: staging, napi: target.napi, signal });
    // Both must have ended before a failure of either lets the caller remove the folder they write to.
    const [objects, unpacked] = await Promise.allSettled([compiled, unpack()]);
    if (objects.status === "rejected") throw objects.reason;
    if (unpacked.status === "rejected") throw unpacked.reason;
    await linkBinding(compiler, objects.value, join(folder, bindingName), folder, signal);
    const metadata = wheel.names.find((name) => /^[^/]+\.dist-info\/METADATA$/.test(name));
    return { libraries: [...tensorflowLibraries], metadata: metadata === undefined ? "" : await wheel.text(metadata) };
  } finally {
    wheel.close();
  }
}

/** What the wheel's `and-cuda` extra names, less nvcc: that is XLA's compiler, which tfjs never calls, and holds no library. */
export function cudaRequirements(metadata: string, wheel: string): Requirement[] {
  const requirements = extraRequirements(metadata, "and-cuda").filter(({ project }) => !project.includes("nvcc"));
  if (requirements.length === 0)
    throw failure(
      "unsupported",
      "the wheel names no CUDA libraries (extra and-cuda)",
      wheel,
      "name another version with --tensorflow",
    );
  return requirements;
}

/**
 * Unpacks `nvidia/<part>/lib/*.so*` beside TensorFlow's libraries. Those look there first (`$ORIGIN/` heads their own search path),
 * and NVIDIA's find each other the same way, so nothing has to be set in the environment.
 */
export async function extractCuda(path: string, folder: string, signal?: AbortSignal): Promise<string[]> {
  const wheel = await openWheel(path);
  try {
    const names = wheel.names.filter((name) => /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/.test(name));
    for (const name of names) await wheel.extract(name, join(folder, basename(name)), signal);
    return names.map((name) => basename(name));
  } finally {
    wheel.close();
  }
}
