import { createRandom } from "@gradpool/core";
import { assert } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { gradientsAt, lossesAt, partsOf, type WeightMap, weightsFor, without } from "./lab.js";
import type { ModelKit, ModelLike } from "./types.js";

/** Who reads which weights, and what an absent task leaves alone. */
export function ownershipCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  const heads = partsOf(model).filter(({ owner }) => owner !== null);
  const none = heads.length > 0 ? undefined : "not applicable: no weight belongs to one task";
  const alone = model.tasks.length > 1 ? undefined : "not applicable: one task";
  return [
    check(
      "ownership",
      "lets a head's weights move their own task's loss and no other",
      () => {
        const batches = kit.batches(1);
        const weights = weightsFor(model, 1);
        const before = lossesAt(model, kit, weights, batches);
        for (const { name, owner } of heads) {
          const after = lossesAt(model, kit, moved(weights, name), batches);
          model.tasks.forEach((task, t) => {
            if (task.name === owner || Object.is(before[t], after[t])) return;
            throw new Error(`${name} belongs to ${owner}, and moves the loss of ${task.name}`);
          });
        }
      },
      none ?? (kit.readsOthers === true ? "not applicable: tasks read what others own" : undefined),
    ),
    check(
      "ownership",
      "gives a head's weights the gradient of their own task alone, whatever the pool weighs",
      () => {
        const batches = kit.batches(1);
        const weights = weightsFor(model, 1);
        const losses = lossesAt(model, kit, weights, batches);
        const all = model.tasks.map((_, task) => gradientsAt(model, kit, weights, batches, task));
        for (const { name, owner } of heads) {
          if (Number.isNaN(losses[model.tasks.findIndex((task) => task.name === owner)])) continue;
          const [first, ...others] = all.map((gradients) => gradients.get(name) as Float64Array);
          for (const other of others) {
            const gap = Math.max(...other.map((x, k) => Math.abs(x - (first?.[k] as number))));
            assert(gap < 1e-5, () => `the gradient of ${name} differs by ${gap} with the task that the pool chose`);
          }
        }
      },
      none ?? alone,
    ),
    check("ownership", "lets every table and variable reach a loss", () => {
      const reached = new Set<string>();
      for (const seed of [1, 2, 3]) {
        const batches = kit.batches(seed);
        const weights = weightsFor(model, seed);
        const before = lossesAt(model, kit, weights, batches);
        for (const { name } of partsOf(model)) {
          if (reached.has(name)) continue;
          const after = lossesAt(model, kit, moved(weights, name), batches);
          if (after.some((loss, t) => !Object.is(loss, before[t]))) reached.add(name);
        }
      }
      const dead = partsOf(model).filter(({ name }) => !reached.has(name));
      assert(dead.length === 0, () => `no loss depends on ${dead.map(({ name }) => name).join(", ")}`);
    }),
    check(
      "ownership",
      "leaves the other tasks' losses as they are when one is absent",
      () => {
        const batches = kit.batches(1);
        const weights = weightsFor(model, 1);
        const before = lossesAt(model, kit, weights, batches);
        // Which units drop out may depend on what else runs in a step.
        const drops = lossesAt(model, kit, weights, batches, { step: 2 }).some(
          (loss, t) => !Object.is(loss, before[t]),
        );
        model.tasks.forEach((task, absent) => {
          const left = lossesAt(
            model,
            kit,
            weights,
            without(batches, (t) => t === absent),
          );
          assert(Number.isNaN(left[absent]), () => `${task.name} has no labels, and the loss ${left[absent]}`);
          model.tasks.forEach((other, t) => {
            if (drops || t === absent || Object.is(before[t], left[t])) return;
            throw new Error(`without ${task.name}, the loss of ${other.name} is ${left[t]}, not ${before[t]}`);
          });
        });
      },
      alone,
    ),
  ];
}

/** The weights with one parameter moved, everywhere. */
function moved(weights: WeightMap, name: string): WeightMap {
  const random = createRandom(7);
  const own = (weights.get(name) as Float32Array).map((w) => w + 0.3 + 0.2 * random.uniform());
  return new Map([...weights, [name, own]]);
}
