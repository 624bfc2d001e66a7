import type { EmbeddingTask } from "@gradpool/models";
import { shareOf, taskAt } from "../engine/draws.js";
import { parameterOf } from "./backward.js";
import type { ArenaBlock } from "./block.js";
import type { Passed } from "./forward.js";
import type { Located } from "./reading.js";
import type { GraphWork } from "./work.js";

/** Each lookup of the tasks whose rows are regularised, with λ / B, B the samples of all of the task's batches; of independent batches the mean, of held-out examples none. */
function decayed(work: GraphWork, passed: Passed, of: "ego" | "encoded"): (readonly [Located, number])[] {
  const { model, draws, placement } = work;
  const { decay, tasks } = model;
  if (decay.weight === 0 || decay.of !== of) return [];
  return passed.parts.flatMap((own, place) => {
    const { name } = tasks[taskAt(draws, place, placement.tasks.target)] as EmbeddingTask;
    const of = shareOf(draws, place);
    if (of === 0 || !decay.tasks.includes(name)) return [];
    return own.flatMap(({ batch, share, located }) =>
      located.map((one) => [one, (of * share * decay.weight) / batch.size] as const),
    );
  });
}

/** Adds λ/B × E0's rows that the batch reads, repeats counted, to the gradient of task t. */
export function addEgoDecay(work: GraphWork, passed: Passed, t: number): void {
  const { arena, nodes, gradients } = work;
  for (const [located, scale] of decayed(work, passed, "ego")) {
    const count = countNodes(work, located);
    const { chosen, times } = work;
    const [cells, factors] = [chosen.region.i32, times.region.f32];
    const { values } = gradients[t] as ArenaBlock;
    arena.kernels.addScaled(nodes.ego().values, cells, factors, count, nodes.width, scale, values);
  }
}

/** The nodes of a lookup, each once, to `chosen`, and how often it is read to `times`; answers with their number. */
function countNodes({ nodes, chosen, times }: GraphWork, { lookup, slots, ids, table }: Located): number {
  const entries = lookup.offsets === undefined ? lookup.size : (lookup.offsets[lookup.size] as number);
  const { used } = table.touched;
  chosen.need(4 * (entries + used));
  times.need(4 * entries);
  // Behind the nodes: each slot's place among them, from 1 on.
  const cells = chosen.region.i32.fill(0, entries, entries + used);
  const factors = times.region.f32;
  const node = nodes.nodesOf(table.spec.name);
  let count = 0;
  for (let k = 0; k < entries; k++) {
    const at = entries + (slots.i32[k] as number);
    if (cells[at] === 0) {
      cells[count] = node[ids.i32[k] as number] as number;
      factors[count] = 0;
      cells[at] = ++count;
    }
    const place = (cells[at] as number) - 1;
    factors[place] = (factors[place] as number) + 1;
  }
  return count;
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
