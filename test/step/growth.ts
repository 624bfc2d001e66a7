import { bpr, mf } from "@gradpool/models";
import { loadPool } from "@gradpool/registry";
import { embeddingStep } from "../../packages/trainer/src/embedding/step.js";
import { engineOf } from "../../packages/trainer/src/engine/create.js";
import { batchesOf } from "./mf.js";
import { median } from "./quantiles.js";
import { simulated, timedCrew } from "./timed-crew.js";
import type { StepShape } from "./types.js";

/** Threads that a step is cut for, and simulated on. */
const counts = [1, 2, 3, 4, 8];

/** Row of the table: a step of PCGrad on `mf`, simulated from the times of its units on one thread. */
async function grown(name: string, shape: StepShape, steps: number): Promise<string[]> {
  const { pool } = await loadPool("pcgrad");
  const crew = timedCrew(Math.max(...counts));
  const tasks = Array.from({ length: shape.tasks }, (_, t) => bpr(`task${t}`));
  const { users, items, dim } = shape;
  const engine = engineOf(
    {
      model: mf({ users, items, dim, init: { kind: "normal", std: 0.01 }, tasks }),
      pool,
      optimizer: { name: "adam", learningRate: 1e-3 },
    },
    { ...embeddingStep, make: (parts) => embeddingStep.make({ ...parts, crew }) },
  );
  const batches = batchesOf(shape);
  const times: number[][] = counts.map(() => []);
  for (let step = 1; step <= steps + 10; step++) {
    const start = performance.now();
    engine.step({ step, epoch: 1, batches: batches[step % batches.length] as (typeof batches)[number] });
    const total = performance.now() - start;
    const rounds = crew.take();
    if (step > 10) for (const [k, threads] of counts.entries()) times[k]?.push(simulated(total, rounds, threads));
  }
  const { scratch } = engine.memory();
  engine.dispose();
  return [name, ...times.map((own) => median(own).toFixed(2)), (scratch / 2 ** 20).toFixed(1)];
}

export const growthHead: readonly string[] = [
  "PCGrad, mf",
  ...counts.map((threads) => (threads === 1 ? "1 thread" : `${threads} threads`)),
  "scratch, MB",
];

/** How a step grows with tasks, width and rows, on 1 to 8 threads by simulation. */
export async function growth(usual: StepShape, steps: number, done: (rows: number) => void): Promise<string[][]> {
  const shapes: [string, Partial<StepShape>][] = [
    ["20 k × 30 k, T 3, d 32", {}],
    ...[2, 4, 8, 16].map((tasks): [string, Partial<StepShape>] => [`T ${tasks}`, { tasks }]),
    ...[16, 64, 128, 256].map((dim): [string, Partial<StepShape>] => [`d ${dim}`, { dim }]),
    ...[10_000, 100_000, 1_000_000, 2_000_000].map((rows): [string, Partial<StepShape>] => [
      `${rows} × ${rows} rows`,
      { users: rows, items: rows },
    ]),
  ];
  const rows: string[][] = [];
  for (const [name, sizes] of shapes) {
    rows.push(await grown(name, { ...usual, ...sizes }, steps));
    done(rows.length);
  }
  return rows;
}
