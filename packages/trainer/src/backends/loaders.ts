import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import util from "node:util";
import type { TensorOps } from "@gradpool/models";
import { sumInFloat64 } from "./float64-sums.js";
import { sumInBlocks } from "./native-sums.js";
import { productsHere } from "./wasm-here.js";
import { transposeBeforeProducts } from "./wasm-products.js";

export type BackendName = "node-gpu" | "node" | "wasm" | "cpu";

export interface Loaded {
  readonly tf: TensorOps;
  /** For the line that says what was chosen. */
  readonly version: string;
}

/** From the user's project first (optional peers are theirs), then from this package. */
const requires = [createRequire(`${process.cwd()}${sep}`), createRequire(import.meta.url)];

function load<T>(name: string): { readonly module: T; readonly folder: string } {
  let failure: unknown;
  for (const require of requires) {
    try {
      return { module: require(name) as T, folder: dirname(require.resolve(`${name}/package.json`)) };
    } catch (error) {
      // A package that is there and fails to load says more than one that is not there.
      const missing = (error as { code?: string }).code === "MODULE_NOT_FOUND";
      if (failure === undefined || !missing) failure = error;
    }
  }
  throw failure;
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed. Harmless elsewhere. */
export function shimNode(): void {
  const target = util as unknown as Record<string, unknown>;
  target["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  target["isArray"] ??= Array.isArray;
}

interface Native extends TensorOps {
  readonly version: Readonly<Record<string, string>>;
}

/** TensorFlow's library is loaded once in a process: a second binding would find all its kernels registered, and use the first's backend. */
let loaded: { readonly name: string; readonly tf: Native } | undefined;
let refused = false;

async function native(name: string): Promise<Loaded> {
  shimNode();
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // A binding without its library has registered its kernels before it fails: tfjs would warn of each that the next one brings.
  if (refused) plainTfjs();
  refused = loaded === undefined;
  loaded ??= { name, tf: load<Native>(name).module };
  refused = false;
  const { tf } = loaded;
  await use(tf, "tensorflow");
  sumInBlocks(tf);
  const backend = tf.backend() as unknown as { readonly binding?: { readonly TF_Version?: string } };
  const own = `TensorFlow ${backend.binding?.TF_Version ?? tf.version["tfjs"] ?? "?"}`;
  return { tf, version: loaded.name === name ? own : `${own}, of ${loaded.name}` };
}

/**
 * Read by NVIDIA's and TensorFlow's libraries when they are loaded; what the user has set stays.
 * - Products of float32 with ten bits of mantissa (TF32, TensorFlow's default) are no float32: gradients lose three digits.
 * - A process takes memory as it needs it, not the whole card: trials of a benchmark run beside each other.
 */
const gpuSettings = { NVIDIA_TF32_OVERRIDE: "0", TF_FORCE_GPU_ALLOW_GROWTH: "true" };

async function nativeGpu(): Promise<Loaded> {
  const name = "@tensorflow/tfjs-node-gpu";
  if (loaded !== undefined && loaded.name !== name) throw new Error(`${loaded.name} is loaded in this process already`);
  for (const [key, value] of Object.entries(gpuSettings)) process.env[key] ??= value;
  const gpu = await native(name);
  const backend = gpu.tf.backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  if (backend.isUsingGpuDevice !== true) throw new Error("TensorFlow sees no GPU");
  return gpu;
}

/** tfjs with its gradients and operations registered: tfjs-core alone has neither. */
function plainTfjs(): TensorOps {
  const { module: tf } = load<TensorOps>("@tensorflow/tfjs");
  // Else tfjs advises tfjs-node on first use; which backend runs, and why, is said already.
  tf.env().set("PROD", true);
  return tf;
}

async function wasm(): Promise<Loaded> {
  const tf = plainTfjs();
  const { module, folder } = load<{ setWasmPaths(path: string): void; version_wasm?: string }>(
    "@tensorflow/tfjs-backend-wasm",
  );
  module.setWasmPaths(`${folder}${sep}dist${sep}`);
  await use(tf, "wasm");
  productsHere(tf);
  transposeBeforeProducts(tf);
  sumInFloat64(tf, "wasm");
  return { tf, version: `tfjs ${module.version_wasm ?? tf.version_core}, WebAssembly SIMD` };
}

async function cpu(): Promise<Loaded> {
  const tf = plainTfjs();
  await use(tf, "cpu");
  sumInFloat64(tf, "cpu");
  return { tf, version: `tfjs ${tf.version_core}, plain JavaScript` };
}

async function use(tf: TensorOps, backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs cannot start its ${backend} backend`);
  await tf.ready();
}

export const loaders: Readonly<Record<BackendName, () => Promise<Loaded>>> = {
  "node-gpu": nativeGpu,
  node: () => native("@tensorflow/tfjs-node"),
  wasm,
  cpu,
};
