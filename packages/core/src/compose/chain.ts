import type { PoolContext } from "../context.js";
import { requireFinite } from "../define/finite.js";
import { GradpoolError } from "../errors.js";
import type { GramSet, GroupMixing, TaskGradients } from "../gradients.js";
import { columnSums } from "../gram/column-sums.js";
import { foldGrams } from "../gram/fold.js";
import { finest, parents } from "../gram/groups.js";
import type { GradientPool } from "../pool.js";
import type { TaskSet } from "../tasks.js";

type MixingPool = GradientPool & Required<Pick<GradientPool, "mix">>;

/**
 * Pools one after the other: each sees the rows that the one before made, and the last one's rows are added. After C₁
 * the Gram is C₁ G C₁ᵀ, and C₂ C₁ is the whole transform, so a chain costs no more passes over the gradients than its
 * most demanding link. Links may differ in granularity: the finer Grams are mixed, then added up for the coarser link.
 */
export function chain(...pools: readonly GradientPool[]): GradientPool<readonly unknown[]> {
  if (pools.length === 0) {
    throw new GradpoolError({
      code: "invalid-input",
      what: "an empty chain",
      where: "chain",
      remedy: "give one pool or more",
    });
  }
  const links = pools.map((pool): MixingPool => {
    if (pool.mix === undefined) {
      throw new GradpoolError({
        code: "unsupported",
        what: `${pool.name} needs the gradients themselves`,
        where: "chain",
        remedy: "chain pools that decide from norms, Grams or losses only",
      });
    }
    return pool as MixingPool;
  });
  const name = links.map((link) => link.name).join("+");
  const granularity = finest(links.map((link) => link.granularity));
  const needs = chainNeeds(links);

  function mix(
    grams: GramSet,
    context: PoolContext,
    state: readonly unknown[],
  ): { mixing: GroupMixing; state: readonly unknown[] } {
    let mixing: GroupMixing | undefined;
    const states = links.map((link, k) => {
      const step = link.mix(foldGrams(grams, link.granularity, mixing), context, state[k]);
      mixing = compose(step.mixing, parents(grams, link.granularity), mixing, grams);
      return step.state;
    });
    return { mixing: mixing as GroupMixing, state: states };
  }

  return {
    spec: 1,
    name,
    options: { links: links.map((link) => ({ name: link.name, options: link.options })) },
    needs,
    granularity,
    level: links.some((link) => link.level === "representation")
      ? "representation"
      : needs === "losses"
        ? "losses"
        : "parameters",
    init: (tasks: TaskSet) => links.map((link) => link.init(tasks)),
    mix,
    pool(gradients: TaskGradients, context: PoolContext, state: readonly unknown[]) {
      const grams =
        needs === "losses" ? lossesOnly(gradients) : gradients.gram(granularity, needs === "norms" ? "norms" : "gram");
      requireFinite(name, grams, context, () => gradients.gram("parameter", "norms"));
      const decided = mix(grams, context, state);
      return {
        combined: gradients.combine({ granularity, weights: columnSums(decided.mixing, gradients.tasks) }),
        state: decided.state,
      };
    },
  };
}

/** Norms pass through diagonal links only; anything that mixes rows, before or after, makes the Gram necessary. */
function chainNeeds(links: readonly MixingPool[]): "losses" | "norms" | "gram" {
  if (links.every((link) => link.needs === "losses")) return "losses";
  return links.some((link) => link.needs === "gram" || link.needs === "gradients") ? "gram" : "norms";
}

/** Groups without numbers, for chains of losses-level pools, which look at none. */
function lossesOnly(gradients: TaskGradients): GramSet {
  return {
    granularity: "model",
    tasks: gradients.tasks,
    present: gradients.present,
    blocks: [{ parameter: null, count: 1 }],
    size: 1,
    norms: new Float64Array(gradients.tasks),
    cosines: new Float64Array(0),
  };
}

/** step · before, per group of the finest granularity. */
function compose(step: GroupMixing, parent: Int32Array, before: GroupMixing | undefined, grams: GramSet): GroupMixing {
  const { tasks, size, granularity } = grams;
  const diagonal = step.diagonal && (before === undefined || before.diagonal);
  const stride = diagonal ? tasks : tasks * tasks;
  const matrices = new Float64Array(size * stride);
  const left = new Float64Array(tasks * tasks);
  const right = new Float64Array(tasks * tasks);
  for (let g = 0; g < size; g++) {
    const p = parent[g] as number;
    if (diagonal) {
      for (let i = 0; i < tasks; i++) {
        const factor = before === undefined ? 1 : (before.matrices[g * tasks + i] as number);
        matrices[g * tasks + i] = (step.matrices[p * tasks + i] as number) * factor;
      }
      continue;
    }
    expand(step, p, tasks, left);
    expand(before, g, tasks, right);
    multiply(left, right, tasks, matrices, g * stride);
  }
  return { granularity, diagonal, matrices };
}

/** The matrix of one group, in full; the identity if there is none. */
function expand(mixing: GroupMixing | undefined, group: number, tasks: number, out: Float64Array): void {
  if (mixing !== undefined && !mixing.diagonal) {
    const from = group * tasks * tasks;
    for (let k = 0; k < out.length; k++) out[k] = mixing.matrices[from + k] as number;
    return;
  }
  out.fill(0);
  for (let i = 0; i < tasks; i++) {
    out[i * (tasks + 1)] = mixing === undefined ? 1 : (mixing.matrices[group * tasks + i] as number);
  }
}

function multiply(a: Float64Array, b: Float64Array, n: number, out: Float64Array, at: number): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] as number;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) {
        out[at + i * n + j] = (out[at + i * n + j] as number) + factor * (b[k * n + j] as number);
      }
    }
  }
}
