import {
  definePool,
  type GradientPool,
  granularities,
  type Gram,
  type GroupContext,
  type Method,
  type Mixing,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";
import { type GradCraftOptions, options } from "./options.js";
import { globally, locally } from "./project.js";

export type { GradCraftOptions } from "./options.js";

/** Moving averages of the norms, and the sums of the weights in them: their quotient is free of bias per task. */
export interface GradCraftState {
  readonly averages: Float64Array;
  readonly weights: Float64Array;
}

/**
 * GradCraft. Magnitude: ĝᵢ = (τ · max_j n_j / nᵢ + 1 − τ) gᵢ. Direction, for each i against C = {j ≠ i : ⟨ĝᵢ, ĝⱼ⟩ < 0}:
 * g̃ᵢ = ĝᵢ + Σ_{j∈C} c_j ĝⱼ with ⟨g̃ᵢ, ĝⱼ⟩ = ε‖ĝᵢ‖‖ĝⱼ‖ for all j ∈ C. Combined = mean of the g̃ᵢ. Over unit rows and with
 * c_j = ‖ĝᵢ‖/‖ĝⱼ‖ x_j that is cos_CC x = ε − cos_Ci, whatever the norms; singular systems (collinear conflicting tasks)
 * get the minimum-norm least-squares x. `projection: "local"` projects on one task after the other, in random order.
 * With two tasks and τ = ε = 0 it is PCGrad. State (β > 0): the norms' averages, T numbers each.
 *
 * Source: Bai et al. 2024, §4; https://github.com/baiyimeng/GradCraft.
 */
export function gradCraft(given: Partial<GradCraftOptions> = {}): GradientPool<PerGroup<GradCraftState> | null> {
  const resolved = resolveOptions<GradCraftOptions>("gradcraft", options, given);
  const pool = { name: "gradcraft", options: resolved, granularity: resolved.granularity };
  if (resolved.beta === 0) {
    return definePool<GradCraftState>({
      ...pool,
      mix: (gram, context) => ({ mixing: craft(gram, context, gram.norms, resolved) }),
    });
  }
  return definePool<GradCraftState>({
    ...pool,
    init: ({ names }) => ({ averages: new Float64Array(names.length), weights: new Float64Array(names.length) }),
    mix: (gram, context, state) => averaged(gram, context, state, resolved),
  });
}

function averaged(
  gram: Gram,
  context: GroupContext,
  state: GradCraftState,
  resolved: GradCraftOptions,
): Mixing<GradCraftState> {
  const { beta } = resolved;
  const averages = state.averages.slice();
  const weights = state.weights.slice();
  const smooth = gram.norms.map((norm, a) => {
    const i = gram.index[a] as number;
    averages[i] = beta * (averages[i] as number) + (1 - beta) * norm;
    weights[i] = beta * (weights[i] as number) + (1 - beta);
    return (averages[i] as number) / (weights[i] as number);
  });
  return { mixing: craft(gram, context, smooth, resolved), state: { averages, weights } };
}

function craft(gram: Gram, context: GroupContext, magnitudes: Float64Array, resolved: GradCraftOptions): number[] {
  const { size, norms } = gram;
  const { tau, epsilon, projection, reduction } = resolved;
  const project = projection === "global" ? globally : locally;
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, magnitudes[i] as number);
  const mixing: number[] = [];
  const factor = reduction === "mean" ? 1 / gram.count : 1;
  for (let i = 0; i < size; i++) {
    const x = project(gram, context, i, epsilon);
    const scale = factor * (norms[i] as number) * (tau * (largest / (magnitudes[i] as number)) + 1 - tau);
    for (let j = 0; j < size; j++) mixing.push((scale * (x[j] as number)) / (norms[j] as number));
  }
  return mixing;
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "gradcraft",
    summary: "Moves the tasks' magnitudes together, then removes every conflict of a task at once.",
    paper: {
      title: "GradCraft: Elevating Multi-task Recommendations through Holistic Gradient Crafting",
      authors: "Yimeng Bai, Yang Zhang, Fuli Feng, Jing Lu, Xiaoxue Zang, Chenyi Lei, Yang Song",
      year: 2024,
      venue: "KDD",
      url: "https://arxiv.org/abs/2407.19682",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "a projected row may turn against a task that its original did not conflict with",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "with tau < 1 part of each task's own magnitude is kept",
      targetDescent: "a projected row may turn against the target",
    },
    variants: [
      { options: { epsilon: 0 }, maxTasks: 2, properties: { nonConflicting: true, targetDescent: true } },
      { options: { tau: 1 }, properties: { taskScaleInvariant: true } },
      { options: { beta: 0.9 }, properties: { scaleLinear: true, permutationEquivariant: true } },
      {
        options: { projection: "local" },
        properties: { permutationEquivariant: "the order of projections is random" },
      },
    ],
    create: gradCraft,
  },
];
