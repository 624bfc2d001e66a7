import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom, isGradpoolError } from "@gradpool/core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shimNode } from "../src/backends/loaders.js";
import { selectBackend } from "../src/backends/select.js";
import { bundle } from "./bundle.js";

/** A package with as much of tfjs-node as is looked at before the first step: its library is not on every machine that tests. */
function writeLookalike(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: `@tensorflow/${name}`, main: "index.js" }));
  writeFileSync(
    join(folder, "index.js"),
    `(globalThis.loaded ??= []).push("${name}");
module.exports = { version: {}, setBackend: async () => true, ready: async () => {}, getKernel: () => undefined,
  backend: () => ({ isUsingGpuDevice: process.env.GPU === "1", binding: { TF_Version: "2.0" } }) };`,
  );
}

describe("selectBackend", () => {
  it("loads wasm and cpu, whose gradients are there", async () => {
    for (const name of ["wasm", "cpu"] as const) {
      const { tf, reason } = await selectBackend(name, { log: null });
      expect(reason).toBe("named");
      expect(tf.getBackend()).toBe(name);
      const gradient = tf.tidy(() => [
        ...tf
          .grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))
          .dataSync(),
      ]);
      expect(gradient).toEqual([2, 4]);
    }
  });

  it("chooses by itself, says which and why, and says it once", async () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const first = await selectBackend("auto", { log });
    await selectBackend("auto", { log });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`backend ${first.name}`);
    expect(first.reason).toMatch(
      first.name === "node-gpu" ? /first choice/ : /node-gpu (is not installed|has no|does not)/,
    );
  });

  it("refuses an unknown name, and says what to install for one that does not load", async () => {
    await expect(selectBackend("gpu" as never)).rejects.toThrow(/node-gpu, node, wasm, cpu/);
    const outcome = await selectBackend("node-gpu", { log: null }).catch((error: unknown) => error);
    // A machine with a GPU and its library answers with the backend.
    if (isGradpoolError(outcome)) expect(outcome.message).toMatch(/tfjs-node-gpu.*@gradpool\/native install --gpu/);
    else expect(outcome).toMatchObject({ name: "node-gpu" });
  });

  it("on a machine without a GPU goes on with the TensorFlow that is loaded, and loads no second one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradpool-backend-"));
    for (const name of ["tfjs-node", "tfjs-node-gpu"])
      writeLookalike(join(folder, "node_modules/@tensorflow", name), name);
    const built = fileURLToPath(new URL("./generated/backend", import.meta.url));
    await bundle(fileURLToPath(new URL("./backend-child.ts", import.meta.url)), built);
    const choose = (wanted: string, env: NodeJS.ProcessEnv) =>
      execFileSync(process.execPath, [join(built, "child.mjs"), wanted], { cwd: folder, encoding: "utf8", env });
    const { NVIDIA_TF32_OVERRIDE: _, TF_FORCE_GPU_ALLOW_GROWTH: _growth, ...env } = process.env;
    expect(JSON.parse(choose("auto", env))).toEqual({
      name: "node",
      version: "TensorFlow 2.0, of @tensorflow/tfjs-node-gpu",
      loaded: ["tfjs-node-gpu"],
      tf32: "0",
      growth: "true",
    });
    expect(JSON.parse(choose("auto", { ...env, GPU: "1", NVIDIA_TF32_OVERRIDE: "1" }))).toMatchObject({
      name: "node-gpu",
      loaded: ["tfjs-node-gpu"],
      tf32: "1",
    });
    expect(JSON.parse(choose("node", env))).toEqual({ name: "node", version: "TensorFlow 2.0", loaded: ["tfjs-node"] });
    rmSync(folder, { recursive: true, force: true });
  });

  it("gives back what Node 23 took from util", async () => {
    const { default: util } = await import("node:util");
    shimNode();
    expect((util as never as Record<string, (x: unknown) => boolean>)["isNullOrUndefined"]?.(null)).toBe(true);
    expect((util as never as Record<string, (x: unknown) => boolean>)["isArray"]?.([])).toBe(true);
  });
});

describe("products on wasm", () => {
  /** A · B in float64, of operands given as they are stored. */
  function product(a: readonly number[][], b: readonly number[][]): number[][] {
    return a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? NaN), 0)));
  }
  const turned = (x: readonly number[][]): number[][] => (x[0] ?? []).map((_, j) => x.map((row) => row[j] ?? NaN));
  const close = (actual: readonly number[], expected: readonly number[]): void => {
    expect(actual.length).toBe(expected.length);
    actual.forEach((value, k) => expect(Math.abs(value - (expected[k] ?? NaN))).toBeLessThan(1e-4));
  };

  const sizes = fc.integer({ min: 1, max: 9 });
  const kinds = fc.record({ m: sizes, k: sizes, n: sizes, ta: fc.boolean(), tb: fc.boolean(), seed: fc.integer() });

  it("are those of arithmetic, transposed or not, fused or not, and leave no tensor behind", async () => {
    const { tf } = await selectBackend("wasm", { log: null });
    fc.assert(
      fc.property(kinds, ({ m, k, n, ta, tb, seed }) => {
        const random = createRandom(seed >>> 0);
        const matrix = (rows: number, columns: number): number[][] =>
          Array.from({ length: rows }, () => Array.from({ length: columns }, () => 2 * random.uniform() - 1));
        const a = matrix(ta ? k : m, ta ? m : k);
        const b = matrix(tb ? n : k, tb ? k : n);
        const bias = matrix(1, n)[0] ?? [];
        const plain = product(ta ? turned(a) : a, tb ? turned(b) : b);
        const before = tf.memory();
        const [outcome, fused, stacked] = tf.tidy(() => {
          const [x, y] = [tf.tensor2d(a), tf.tensor2d(b)];
          const linear = tf.fused.matMul({
            a: x,
            b: y,
            transposeA: ta,
            transposeB: tb,
            bias: tf.tensor1d(bias),
            activation: "relu",
          });
          const twice = tf.matMul(tf.stack([x, x]), tf.stack([y, y]), ta, tb);
          return [tf.matMul(x, y, ta, tb), linear, twice].map((tensor) => ({
            values: tensor.dataSync(),
            shape: tensor.shape,
          })) as never;
        }) as unknown as readonly { readonly values: Float32Array; readonly shape: number[] }[];
        expect(tf.memory()).toEqual(before);
        expect([outcome?.shape, fused?.shape, stacked?.shape]).toEqual([
          [m, n],
          [m, n],
          [2, m, n],
        ]);
        close([...(outcome?.values ?? [])], plain.flat());
        close(
          [...(fused?.values ?? [])],
          plain.flatMap((row) => row.map((value, j) => Math.max(0, value + (bias[j] ?? NaN)))),
        );
        close([...(stacked?.values ?? [])], [...plain.flat(), ...plain.flat()]);
      }),
    );
  });

  it("have their gradients", async () => {
    const { tf } = await selectBackend("wasm", { log: null });
    const gradients = tf.tidy(() => {
      const [da, db] = tf.grads((a, b) => tf.sum(tf.matMul(a as Tensor2D, b as Tensor2D)))([
        tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]),
        tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]),
      ]);
      return [[...(da?.dataSync() ?? [])], [...(db?.dataSync() ?? [])]];
    });
    expect(gradients).toEqual([
      [3, 7, 11, 3, 7, 11],
      [5, 5, 7, 7, 9, 9],
    ]);
  });

  it("are wrapped once, however often the backend is selected", async () => {
    const kernel = async (): Promise<unknown> => {
      const { tf } = await selectBackend("wasm", { log: null });
      return tf.getKernel("BatchMatMul", "wasm").kernelFunc;
    };
    expect(await kernel()).toBe(await kernel());
  });
});
