import { createRandom, defineLossPool, definePool, given, type GradientPool } from "@gradpool/core";
import type { Batches, BatchLike, EngineLike, ModelKit, ModelLike } from "./types.js";

/** Weights by table or variable name. */
export type WeightMap = ReadonlyMap<string, Float32Array>;

interface Part {
  readonly name: string;
  readonly kind: "table" | "variable";
  readonly size: number;
  /** The task whose head it is part of; null: shared. */
  readonly owner: string | null;
}

/** Everything that a model learns. */
export function partsOf(model: ModelLike): Part[] {
  const tables = model.tables.map(({ name, rows, dim, owner = null }): Part => ({
    name,
    kind: "table",
    size: rows * dim,
    owner,
  }));
  if (model.kind === "embedding") return tables;
  const variables = model.variables.map(({ name, shape, owner }): Part => ({
    name,
    kind: "variable",
    size: shape.reduce((product, side) => product * side, 1),
    owner,
  }));
  return [...tables, ...variables];
}

/** Weights of about 0.4: gradients that differences can be compared with, whatever the model would start from. */
export function weightsFor(model: ModelLike, seed: number): Map<string, Float32Array> {
  return new Map(
    partsOf(model).map(({ name, size }, k) => {
      const random = createRandom(seed, 5, k);
      return [name, Float32Array.from({ length: size }, () => 0.4 * random.normal())];
    }),
  );
}

/** All of one task's gradient and nothing of the others'. */
export function onlyTask(task: number): GradientPool {
  return definePool({
    name: "only",
    options: { task },
    needs: "norms",
    zeros: "keep",
    weigh: ({ index }) => ({ weights: index.map((i) => Number(i === task)) }),
  }) as GradientPool;
}

function equalPool(): GradientPool {
  return defineLossPool({
    name: "equal",
    options: {},
    readsLosses: false,
    weigh: ({ size }) => ({ weights: new Float64Array(size).fill(1) }),
  }) as GradientPool;
}

export interface Setting {
  readonly seed?: number;
  readonly pool?: GradientPool;
  readonly optimizer?: { readonly name: "sgd" | "adam"; readonly learningRate: number };
  readonly initial?: WeightMap;
}

/** Runs with an engine of the model's, and lets go of it. */
export function withEngine<M extends ModelLike, R>(
  model: M,
  kit: ModelKit<M>,
  setting: Setting,
  run: (engine: EngineLike) => R,
): R {
  const { seed = 1, pool = equalPool(), optimizer = { name: "sgd", learningRate: 1 }, initial } = setting;
  const engine = kit.createEngine({ model, pool, optimizer, seed, ...given({ initial }) });
  try {
    return run(engine);
  } finally {
    engine.dispose();
  }
}

/** One step: the losses before it. */
export function stepWith(model: ModelLike, engine: EngineLike, batches: Batches, step: number = 1): Float64Array {
  const input = model.kind === "tensor" ? { joint: batches } : { batches };
  return engine.step({ step, epoch: 1, ...input } as never).losses;
}

/** Every weight, copied. */
export function readWeights(model: ModelLike, engine: EngineLike): Map<string, Float32Array> {
  engine.settle();
  return new Map(
    partsOf(model).map(({ name, kind }) => [
      name,
      (kind === "table" ? engine.table(name) : engine.variable(name)).slice(),
    ]),
  );
}

/** The losses of a batch under given weights. */
export function lossesAt<M extends ModelLike>(
  model: M,
  kit: ModelKit<M>,
  initial: WeightMap,
  batches: Batches,
  { pool = equalPool(), step = 1 }: { readonly pool?: GradientPool; readonly step?: number } = {},
): Float64Array {
  return withEngine(model, kit, { initial, pool }, (engine) => stepWith(model, engine, batches, step));
}

/** d loss_t / d w for every weight: what a step of plain descent at rate 1 takes off, with task t's gradient alone. */
export function gradientsAt<M extends ModelLike>(
  model: M,
  kit: ModelKit<M>,
  initial: WeightMap,
  batches: Batches,
  task: number,
): Map<string, Float64Array> {
  return withEngine(model, kit, { initial, pool: onlyTask(task) }, (engine) => {
    stepWith(model, engine, batches);
    const after = readWeights(model, engine);
    return new Map(
      [...initial].map(([name, before]) => {
        const now = after.get(name) as Float32Array;
        return [name, Float64Array.from(before, (w, k) => w - (now[k] as number))];
      }),
    );
  });
}

/** The same step without the labels of some tasks. */
export function without(batches: Batches, absent: (task: number) => boolean): Batches {
  if (Array.isArray(batches)) {
    return (batches as readonly (BatchLike | null)[]).map((batch, t) => (absent(t) ? null : batch));
  }
  const joint = batches as BatchLike & { readonly masks: readonly Uint8Array[] };
  const masks = joint.masks.map((mask, t) => (absent(t) ? new Uint8Array(mask.length) : mask));
  return { ...joint, masks } as Batches;
}

/** A deep copy of plain data and typed arrays, as text: to see whether something was written to. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    ArrayBuffer.isView(inner) ? [inner.constructor.name, ...(inner as Float32Array)] : inner,
  );
}
