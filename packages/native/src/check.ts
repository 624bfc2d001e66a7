import { execFile } from "node:child_process";
import { join } from "node:path";
import { failure } from "./error.js";

/** What a fresh process saw when it used the library. */
export interface Check {
  readonly tensorflow: string;
  readonly device: "cpu" | "gpu";
  /** [[1,2],[3,4]] · [[5,6],[7,8]], row by row. */
  readonly matmul: readonly number[];
  /** d/dX of the sum of X·X at [[1,2],[3,4]], row by row. */
  readonly gradient: readonly number[];
}

const expected = { matmul: [19, 22, 43, 50], gradient: [7, 11, 9, 13] };

// Runs in the child: argv[1] is tfjs-node's package.json, argv[2] the binding to load in place of the one node-pre-gyp would find.
const program = `
const util = require("node:util");
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const load = require("node:module").createRequire(process.argv[1]);
const finder = load.resolve("@mapbox/node-pre-gyp");
load(finder);
load.cache[finder].exports = { find: () => process.argv[2] };
const tf = load("./dist/index.js");
const x = tf.tensor2d([[1, 2], [3, 4]]);
const matmul = Array.from(tf.matMul(x, tf.tensor2d([[5, 6], [7, 8]])).dataSync());
const gradient = Array.from(tf.grad((v) => tf.sum(tf.matMul(v, v)))(x).dataSync());
const backend = tf.backend();
process.stdout.write(JSON.stringify({ tensorflow: backend.binding.TF_Version, device: backend.isUsingGpuDevice ? "gpu" : "cpu", matmul, gradient }) + "\\n");
`;

/** Loads tfjs-node with a binding in a process of its own (a crash there stays there) and multiplies and differentiates. */
export async function checkBinding(directory: string, binding: string, signal?: AbortSignal): Promise<Check> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env["TF_CPP_MIN_LOG_LEVEL"] ?? "2" };
  const options = { env, timeout: 120_000, maxBuffer: 1 << 24, ...(signal === undefined ? {} : { signal }) };
  const { error, stdout, stderr } = await new Promise<{ error: Error | null; stdout: string; stderr: string }>(
    (done) => {
      execFile(
        process.execPath,
        ["-e", program, join(directory, "package.json"), binding],
        options,
        (problem, out, err) => done({ error: problem, stdout: String(out), stderr: String(err) }),
      );
    },
  );
  signal?.throwIfAborted();
  const remedy = "run install --force; if it stays, name another version with --tensorflow";
  if (error !== null) {
    const line =
      stderr.split("\n").find((text) => /error|cannot|undefined symbol/i.test(text)) ?? error.message.split("\n")[0];
    throw failure("failed", `TensorFlow does not run: ${String(line).trim()}`, binding, remedy, error);
  }
  const check = JSON.parse(stdout.trim().split("\n").at(-1) as string) as Check;
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((value, k) => value === b[k]);
  if (!same(check.matmul, expected.matmul) || !same(check.gradient, expected.gradient))
    throw failure(
      "failed",
      `TensorFlow computes matmul ${check.matmul.join()} and gradient ${check.gradient.join()}`,
      binding,
      remedy,
    );
  return check;
}
