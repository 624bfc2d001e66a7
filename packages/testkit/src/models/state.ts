import { assert, assertSame, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { fingerprint, readWeights, stepWith, withEngine } from "./lab.js";
import { batchesOf } from "./structure.js";
import type { EngineLike, ModelKit, ModelLike } from "./types.js";

const adam = { name: "adam", learningRate: 0.05 } as const;

/** The same seed, the same bits; state that comes back; inputs left alone; bad numbers refused. */
export function stateCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  const run = (seed: number): Float32Array[] =>
    withEngine(model, kit, { seed, optimizer: adam }, (engine) => trace(model, kit, engine, 1, 4));
  return [
    check("state", "gives the same bits again with the same seed, and others with another", () => {
      const first = run(3);
      assertSame(run(3), first, "a second engine");
      const fixed = partsStartFixed(model);
      if (!fixed) assert(fingerprint(run(4)) !== fingerprint(first), () => "seeds 3 and 4 give the same bits");
    }),
    check("state", "goes on with the same bits after its state was saved and restored", () => {
      const whole = run(3);
      const saved = withEngine(model, kit, { seed: 3, optimizer: adam }, (engine) => {
        trace(model, kit, engine, 1, 2);
        const { arrays, json } = engine.snapshot();
        return { arrays: structuredClone(new Map(arrays)), json: JSON.parse(JSON.stringify(json)) as unknown };
      });
      const resumed = withEngine(model, kit, { seed: 3, optimizer: adam }, (engine) => {
        // Restored over the traces of another run.
        trace(model, kit, engine, 1, 1);
        engine.restore(saved as never);
        return trace(model, kit, engine, 3, 4);
      });
      assertSame(resumed, whole.slice(2 * (1 + partCount(model))), "resumed after step 2");
    }),
    check(
      "state",
      "moves its statistics in training, and not when asked for predictions",
      () =>
        withEngine(model, kit, { seed: 3, optimizer: adam }, (engine) => {
          const read = (): Float32Array[] => statisticsOf(model).map((name) => engine.variable(name).slice());
          const start = read();
          engine.predict?.(kit.batches(1) as never);
          assertSame(read(), start, "statistics after predictions");
          trace(model, kit, engine, 1, 2);
          const moved = read();
          const still = statisticsOf(model).filter((_, k) => fingerprint(moved[k]) === fingerprint(start[k]));
          assert(still.length === 0, () => `two steps leave ${still.join(", ")} as they were`);
        }),
      statisticsOf(model).length > 0 ? undefined : "not applicable: no statistics",
    ),
    check("state", "leaves its batches as they were", () => {
      const batches = kit.batches(1);
      const before = fingerprint(batches);
      assert(before === fingerprint(kit.batches(1)), () => "kit.batches gives other batches for the same seed");
      withEngine(model, kit, { optimizer: adam }, (engine) => {
        for (let step = 1; step <= 2; step++) stepWith(model, engine, batches, step);
      });
      assert(fingerprint(batches) === before, () => "a batch was written to");
    }),
    check("errors", "refuses an id that a table does not have, before any weight moves", () => {
      withEngine(model, kit, { optimizer: adam }, (engine) => {
        const weights = readWeights(model, engine);
        const message = refusal(() => stepWith(model, engine, badIds(model, kit)));
        assert(message.length > 0, () => "the error says nothing");
        assertSame([...readWeights(model, engine).values()], [...weights.values()], "weights after the refusal");
      });
    }),
  ];
}

const statisticsOf = (model: ModelLike): readonly string[] =>
  model.kind === "tensor" ? (model.statistics ?? []).map(({ name }) => name) : [];

const partCount = (model: ModelLike): number =>
  model.tables.length + (model.kind === "embedding" ? 0 : model.variables.length) + statisticsOf(model).length;

function partsStartFixed(model: ModelLike): boolean {
  const variables = model.kind === "embedding" ? [] : model.variables;
  return [...model.tables, ...variables].every(({ init }) => init.kind === "constant");
}

/** Losses, weights and statistics of some steps. */
function trace<M extends ModelLike>(
  model: M,
  kit: ModelKit<M>,
  engine: EngineLike,
  first: number,
  last: number,
): Float32Array[] {
  const seen: Float32Array[] = [];
  for (let step = first; step <= last; step++) {
    const losses = stepWith(model, engine, kit.batches(step), step);
    const statistics = statisticsOf(model).map((name) => engine.variable(name).slice());
    seen.push(Float32Array.from(losses), ...readWeights(model, engine).values(), ...statistics);
  }
  return seen;
}

/** The batches of a step in which every row id is one too many, whatever they are called. */
function badIds<M extends ModelLike>(model: M, kit: ModelKit<M>): never {
  const most = Math.max(...model.tables.map(({ rows }) => rows));
  const spoil = (value: unknown): unknown => {
    if (value instanceof Int32Array) return value.map(() => most);
    if (Array.isArray(value)) return value.map(spoil);
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === "offsets" ? inner : spoil(inner)]),
    );
  };
  batchesOf(model, kit, 1);
  return spoil(kit.batches(1)) as never;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return fail("nothing was thrown");
}
