import { afterAll, bench, describe } from "vitest";
import { definePool, poolContext, taskGradients, taskSet } from "../src/index.js";

/** Sum of unit gradients: any weighting would do, its cost does not depend on P. */
const pool = definePool({
  name: "unit-sum",
  options: {},
  weigh: ({ norms }) => ({ weights: norms.map((norm) => 1 / norm) }),
});

const best = new Map<string, number>();

function timed(name: string, iterations: number, run: () => unknown): void {
  bench(
    name.replace(/^.*: /, ""),
    () => {
      const start = performance.now();
      run();
      best.set(name, Math.min(best.get(name) ?? Infinity, performance.now() - start));
    },
    { iterations, time: 0, warmupIterations: 1, warmupTime: 0 },
  );
}

/** The same work, as one writes it first: raw Gram by three loops, norms, weights, sum. */
function plain(rows: readonly Float32Array[], size: number): Float32Array {
  const tasks = rows.length;
  const gram = Array.from({ length: tasks }, () => new Float64Array(tasks));
  for (let i = 0; i < tasks; i++) {
    for (let j = 0; j < tasks; j++) {
      for (let p = 0; p < size; p++) gram[i]![j]! += rows[i]![p]! * rows[j]![p]!;
    }
  }
  const out = new Float32Array(size);
  for (let i = 0; i < tasks; i++) {
    const weight = 1 / Math.sqrt(gram[i]![i]!);
    for (let p = 0; p < size; p++) out[p]! += weight * rows[i]![p]!;
  }
  return out;
}

const sizes = [1e5, 1e6, 1e7];
const counts = [2, 4, 8];

for (const size of sizes) {
  for (const tasks of counts) {
    describe(`Gram, weights and combined gradient of T = ${tasks}, P = ${size}, float32`, () => {
      const key = `T = ${tasks}, P = ${size}`;
      const iterations = size === 1e7 ? 2 : size === 1e6 ? 8 : 50;
      const values: Float32Array[] = [];
      let target = new Float32Array(0);
      // Filled when first needed, so that no two shapes are in memory at once.
      const fill = (): readonly Float32Array[] => {
        if (values.length === 0) {
          let seed = 1;
          for (let i = 0; i < tasks; i++) {
            const row = new Float32Array(size);
            for (let p = 0; p < size; p++) row[p] = (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
            values.push(row);
          }
          target = new Float32Array(size);
        }
        return values;
      };
      timed(`${key}: gradpool`, iterations, () => {
        const gradients = taskGradients({ parameters: [{ name: "p", values: fill() }] });
        return pool.pool(gradients, poolContext({ tasks: taskSet(tasks) }), null).combined.value("p");
      });
      timed(`${key}: plain triple loop`, iterations, () => plain(fill(), size));
      timed(`${key}: copy of the gradients`, iterations, () => fill().forEach((row) => target.set(row)));
      afterAll(() => {
        values.length = 0;
      });
    });
  }
}

afterAll(() => {
  const lines = sizes.flatMap((size) =>
    counts.map((tasks) => {
      const key = `T = ${tasks}, P = ${size}`;
      const [ours, loop, copy] = ["gradpool", "plain triple loop", "copy of the gradients"].map((name) =>
        best.get(`${key}: ${name}`),
      ) as [number, number, number];
      const bytes = 4 * size;
      // Two readings of T × P and one writing of P, against the copy's T × P read and written.
      const rate = ((2 * tasks + 1) * bytes) / ours / 1e6;
      const bandwidth = (2 * tasks * bytes) / copy / 1e6;
      const share = ((100 * rate) / bandwidth).toFixed(0);
      return `${key}: ${ours.toFixed(2)} ms, plain ${loop.toFixed(2)} ms (${(loop / ours).toFixed(1)} ×), ${rate.toFixed(1)} of ${bandwidth.toFixed(1)} GB/s (${share} %)`;
    }),
  );
  console.log(lines.join("\n"));
});
