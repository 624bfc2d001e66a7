import type { Combined, GroupWeights } from "../gradients.js";
import { weightedRows, weightedSum } from "../gram/weighted.js";
import { blocksOf, shapeError, type Stored } from "./stored.js";

/** Σᵢ wᵢ gᵢ per group, computed parameter by parameter when asked for. */
export function combine(
  stored: readonly Stored[],
  tasks: number,
  weights: GroupWeights,
  find: (name: string) => Stored,
): Combined {
  const { granularity } = weights;
  const blocks = blocksOf(stored, granularity);
  const starts = new Map<string, number>();
  let groups = 0;
  blocks.forEach((block) => {
    starts.set(block.parameter as string, groups);
    groups += block.count;
  });
  const expected = (granularity === "model" ? 1 : groups) * tasks;
  if (weights.weights.length !== expected) {
    throw shapeError(
      `${weights.weights.length} weights per ${granularity}`,
      "combine",
      `give ${expected}: groups × tasks`,
    );
  }
  return {
    weights,
    value(parameter) {
      const { info, values } = find(parameter);
      const single = values.every((row) => row instanceof Float32Array);
      const out = single ? new Float32Array(info.size) : new Float64Array(info.size);
      const start = granularity === "model" ? 0 : (starts.get(parameter) as number);
      if (granularity !== "row" || info.ids === undefined) {
        weightedSum(values, weights.weights, start * tasks, 0, info.size, out);
      } else {
        weightedRows(values, weights.weights, start * tasks, info.width, out);
      }
      return out;
    },
  };
}
