import { createRandom } from "@gradpool/core";
import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import type { TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import * as tfjs from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import type { StepInput, TensorEngine } from "../src/engine/contract.js";

export const tf: TensorOps = tfjs;

/** Pairs with random labels; some rows of the last task have none. */
export function jointBatch(tasks: readonly string[], users: number, items: number, size: number, seed = 1): JointBatch {
  const random = createRandom(seed, 1);
  return {
    kind: "joint",
    size,
    tasks,
    users: Int32Array.from({ length: size }, () => random.int(users)),
    items: Int32Array.from({ length: size }, () => random.int(items)),
    labels: tasks.map(() => Float32Array.from({ length: size }, () => random.int(2))),
    masks: tasks.map((_, t) =>
      Uint8Array.from({ length: size }, (_v, r) => (t === tasks.length - 1 && r % 3 === 0 ? 0 : 1)),
    ),
  };
}

export interface Shape {
  readonly fields: number;
  readonly vocabulary: number;
  readonly numerical: number;
  readonly size: number;
}

/** Impressions with `fields` one-hot fields (f0, f1, …) and one multi-hot field (tags) whose first row is empty. */
export function impressions(tasks: readonly string[], shape: Shape, seed = 1): ImpressionsBatch {
  const { fields, vocabulary, numerical, size } = shape;
  const random = createRandom(seed, 2);
  const offsets = Int32Array.from({ length: size + 1 }, (_, r) => (r === 0 ? 0 : (r - 1) * 2 + Math.min(1, r - 1)));
  const { labels, masks, users } = jointBatch(tasks, vocabulary, vocabulary, size, seed);
  return {
    kind: "impressions",
    size,
    tasks,
    users,
    fields: [
      ...Array.from({ length: fields }, (_, f) => ({
        kind: "one-hot" as const,
        name: `f${f}`,
        vocabulary,
        ids: Int32Array.from({ length: size }, () => random.int(vocabulary)),
      })),
      {
        kind: "multi-hot",
        name: "tags",
        vocabulary,
        offsets,
        ids: Int32Array.from({ length: 3 * size }, () => random.int(vocabulary)),
      },
    ],
    numericalNames: Array.from({ length: numerical }, (_, k) => `n${k}`),
    numerical: Float32Array.from({ length: size * numerical }, () => random.normal()),
    labels,
    masks,
  };
}

export const input = (joint: TensorBatch, step = 1): StepInput => ({ step, epoch: 1, joint });

/** Every weight of an engine, by table and variable name. */
export function weightsOf(engine: TensorEngine, model: TensorModel): Map<string, Float32Array> {
  return new Map([
    ...model.tables.map(({ name }) => [name, engine.table(name).slice()] as const),
    ...model.variables.map(({ name }) => [name, engine.variable(name)] as const),
  ]);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Infinity;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs((a[k] as number) - (b[k] as number)));
  return most;
}
