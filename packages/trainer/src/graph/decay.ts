import type { Batch } from "@gradpool/data";
import { parameterOf } from "./backward.js";
import type { ArenaBlock } from "./block.js";
import type { Passed } from "./forward.js";
import type { Located } from "./reading.js";
import type { GraphWork } from "./work.js";

/** Each lookup of the tasks whose rows are regularised, with λ / B. */
function decayed(work: GraphWork, { lookups }: Passed, of: "ego" | "encoded"): (readonly [Located, number])[] {
  const { decay, tasks } = work.model;
  if (decay.weight === 0 || decay.of !== of) return [];
  return tasks.flatMap(({ name }, t) => {
    const scale = decay.weight / ((work.batches[t] as Batch | null)?.size ?? 1);
    return decay.tasks.includes(name) ? (lookups[t] ?? []).map((located) => [located, scale] as const) : [];
  });
}

/** Adds λ/B × E0's rows that the batch reads, repeats counted, to the gradient of task t. */
export function addEgoDecay(work: GraphWork, passed: Passed, t: number): void {
  const { arena, nodes, gradients, rows, popular } = work;
  const { kernels } = arena;
  const { width } = nodes;
  for (const [{ lookup, ids, table }, scale] of decayed(work, passed, "ego")) {
    const count = lookup.offsets === undefined ? lookup.size : (lookup.offsets[lookup.size] as number);
    rows.need(4 * count * width);
    const { name } = table.spec;
    kernels.gather(nodes.table(name), ids.i32, count, width, rows.region.f32);
    const size = nodes.nodesOf(name).length;
    const wide = popular.find(size, width, count, (hits) => kernels.tally(ids.i32, count, hits));
    const block = { gradient: rows.region.f32, slots: ids.i32, count, dim: width, scale };
    const sum = (gradients[t] as ArenaBlock).values;
    const into = { positions: nodes.nodesOf(name), tasks: 1, task: 0, sum, used: 0 };
    if (wide === null) {
      kernels.scatter(block, into);
    } else {
      kernels.scatterWide(block, null, into, wide);
      popular.settle(wide, size, width, sum, into.positions);
    }
  }
}

/** Adds λ/B × Z's rows that the batch reads to what arrives at them; is there any? */
export function addEncodedDecay(work: GraphWork, passed: Passed): boolean {
  const all = decayed(work, passed, "encoded");
  for (const [located, scale] of all) work.reading.addDecay(located, scale, work.z, work.arriving);
  return all.length > 0;
}

/**
 * At the level `parameters`, where tasks have gone back one by one: the regulariser of Z goes back alone, and joins the combined
 * gradients of task t's place and of the variables.
 */
export function decayAlone(work: GraphWork, passed: Passed, t: number, variables: Map<string, Float32Array>): void {
  const { arriving, z, run, input, arena, gradients, dense, decaying, model } = work;
  if (model.decay.of !== "encoded" || model.decay.weight === 0) return;
  arriving.shape(passed.nodes.count, z.width);
  arriving.values.fill(0, 0, arriving.rows * arriving.width);
  if (!addEncodedDecay(work, passed)) return;
  const term = work.present.length;
  const gradientOf = (name: string): Float32Array => dense.gradient(parameterOf(work, name), term);
  run.backward(input, passed.nodes, arriving, decaying, gradientOf);
  const { values } = gradients[t] as ArenaBlock;
  arena.kernels.add(values, decaying.values, decaying.rows * decaying.width, values);
  for (const [name, sum] of variables) {
    const more = gradientOf(name);
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (more[k] as number);
  }
}
