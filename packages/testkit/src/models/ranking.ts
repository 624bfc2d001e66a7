import { assert, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { weightsFor, withEngine } from "./lab.js";
import type { BatchLike, EngineLike, ModelKit, ModelLike } from "./types.js";

/** A batch whose rows are pairs. */
interface PairsLike extends BatchLike {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** What a tensor model's scorer answers for all items is in the order of what its heads predict for pairs. */
export function rankingCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  if (model.kind !== "tensor" || model.ranking === undefined) return [];
  const { users, items } = model.ranking;
  const run = (): void =>
    withEngine(model, kit, { initial: weightsFor(model, 7) }, (engine) => {
      const batch = kit.batches(1) as PairsLike;
      assert(isPairs(batch), () => "ranks, and reads batches without users and items");
      for (const [place, { name }] of model.tasks.entries())
        for (const user of [0, users - 1]) compare(engine, { batch, place, name, user, items });
    });
  return [check("ranking", "orders a user's items as its heads predict them", run)];
}

const isPairs = (batch: BatchLike): batch is PairsLike =>
  ["users", "items"].every((field) => (batch as never as Record<string, unknown>)[field] instanceof Int32Array);

interface Question {
  readonly batch: PairsLike;
  readonly place: number;
  readonly name: string;
  readonly user: number;
  readonly items: number;
}

function compare(engine: EngineLike, { batch, place, name, user, items }: Question): void {
  const predicted = engine.predict?.({ ...batch, users: batch.users.map(() => user) } as never)[place];
  const scores = scoresOf(engine, name, user, items);
  if (predicted === undefined || scores === undefined) return fail("the engine has no predict, or no scorer");
  const spread = Math.max(...predicted) - Math.min(...predicted);
  assert(spread > 0, () => `predicts the same for all items of user ${user}, task ${name}`);
  for (let r = 0; r < batch.size; r++) {
    for (let s = 0; s < r; s++) {
      const [left, right] = [batch.items[r] as number, batch.items[s] as number];
      const ahead = (predicted[r] as number) - (predicted[s] as number);
      if (Math.abs(ahead) < 1e-3 * spread) continue; // rounding may turn what is next to equal
      const scored = (scores[left] as number) - (scores[right] as number);
      const where = (): string => `items ${left} and ${right} of user ${user}, task ${name}`;
      assert(ahead * scored > 0, () => `${where()}: predictions differ by ${ahead}, scores by ${scored}`);
    }
  }
}

/** The scores of all items for a user who is the second to be asked for. */
function scoresOf(engine: EngineLike, task: string, user: number, items: number): Float32Array | undefined {
  const scorer = engine.scorer?.(task);
  const scores = new Float32Array(2 * items);
  scorer?.score(Int32Array.of(0, user), scores);
  scorer?.dispose();
  return scorer && scores.subarray(items);
}
