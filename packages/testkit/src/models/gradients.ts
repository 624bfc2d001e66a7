import { createRandom } from "@gradpool/core";
import { dot, fail, norm } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { gradientsAt, lossesAt, onlyTask, partsOf, type WeightMap, weightsFor, without } from "./lab.js";
import type { Batches, ModelKit, ModelLike } from "./types.js";

/** Each task's gradient of each parameter against central differences of its loss, along several directions. */
export function gradientCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  return model.tasks.map(({ name }, task) =>
    check("gradients", `of ${name} are what finite differences of its loss say`, () => {
      for (const seed of [1, 2]) {
        const batches = kit.batches(seed);
        const weights = weightsFor(model, seed);
        const loss = lossesAt(model, kit, weights, batches, { pool: onlyTask(task) })[task] as number;
        if (Number.isNaN(loss)) continue;
        const gradients = gradientsAt(model, kit, weights, batches, task);
        // Where the task has the same loss by itself, to the last bit, it is moved by itself: one pass back, not one a task.
        const own = without(batches, (t) => t !== task);
        const alone = Object.is(loss, lossesAt(model, kit, weights, own, { pool: onlyTask(task) })[task]);
        const at = { weights, batches: alone ? own : batches, task, loss };
        for (const { name: parameter, owner } of partsOf(model)) {
          // Other tasks' heads go by their own losses, whatever the pool says.
          if (owner !== null && owner !== name) continue;
          const gradient = gradients.get(parameter) as Float64Array;
          for (const direction of directionsFor(gradient, seed)) {
            compare(model, kit, { ...at, parameter, gradient, direction });
          }
        }
      }
    }),
  );
}

/** Along the gradient; a random direction; and one over the half of the coordinates where the gradient is least. */
function directionsFor(gradient: Float64Array, seed: number): Float64Array[] {
  const random = createRandom(seed, gradient.length, 9);
  const any = gradient.map(() => random.normal());
  const order = [...gradient.keys()].sort((a, b) => Math.abs(gradient[a] as number) - Math.abs(gradient[b] as number));
  const small = new Float64Array(gradient.length);
  for (const k of order.slice(0, Math.ceil(gradient.length / 2))) small[k] = random.normal();
  return [gradient.slice(), any, small].flatMap((v) => {
    const length = norm(v);
    return length > 0 ? [v.map((x) => x / length)] : [];
  });
}

interface Comparison {
  readonly weights: WeightMap;
  readonly batches: Batches;
  readonly task: number;
  readonly parameter: string;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly loss: number;
}

function compare<M extends ModelLike>(model: M, kit: ModelKit<M>, given: Comparison): void {
  const { weights, batches, task, parameter, gradient, direction, loss } = given;
  const at = (distance: number): number => {
    const own = (weights.get(parameter) as Float32Array).map((w, k) => w + distance * (direction[k] as number));
    // The pool whose gradient it is: another may take another way through the model, with other units dropped.
    const moved = new Map([...weights, [parameter, own]]);
    return lossesAt(model, kit, moved, batches, { pool: onlyTask(task) })[task] as number;
  };
  const allowed = (kit.tolerance ?? 0.01) * norm(gradient) + 1e-4 * (Math.abs(loss) + 0.1);
  const claimed = dot(gradient, direction);
  let gap = Infinity;
  // Where a unit of a ReLU bends close by, the slope on one side is the right one; a short step rounds, a long one curves.
  for (const step of [0.02, 0.005, 0.00125]) {
    const [ahead, behind] = [at(step), at(-step)];
    const slopes = [(ahead - behind) / (2 * step), (ahead - loss) / step, (loss - behind) / step];
    gap = Math.min(gap, ...slopes.map((slope) => Math.abs(slope - claimed)));
    if (gap <= allowed) return;
  }
  fail(`d ${model.tasks[task]?.name} / d ${parameter}: differences are ${gap} from ${claimed}, more than ${allowed}`);
}
