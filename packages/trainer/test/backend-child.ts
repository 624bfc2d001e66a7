/** The process of backends.test.ts: says which backend it gets, and what has been loaded for it. */
import { type BackendName, selectBackend } from "../src/index.js";

const { name, version } = await selectBackend(process.argv[2] as BackendName | "auto", { log: null });
const { loaded } = globalThis as unknown as { readonly loaded: readonly string[] };
const { NVIDIA_TF32_OVERRIDE: tf32, TF_FORCE_GPU_ALLOW_GROWTH: growth } = process.env;
process.stdout.write(JSON.stringify({ name, version, loaded, tf32, growth }));
