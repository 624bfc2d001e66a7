import {
  type FloatArray,
  type GradientPool,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type TaskGradients,
  taskVector,
} from "@gradpool/core";
import { type AdataskState, moveRows, moveTensor } from "./moments.js";

export type { AdataskState } from "./moments.js";

export interface AdataskOptions {
  /** Decay of the first and second moments, default 0.9 and 0.999. */
  readonly betas: readonly number[];
  /** Added to the root, default 1e-8, as Adam's: the one number here that has a scale. */
  readonly eps: number;
  /** Of each gradient before its moments, default null: 1 each. Moments take their scale up: they matter through eps alone. */
  readonly weights: readonly number[] | null;
}

const options = {
  betas: {
    type: "vector",
    length: 2,
    min: 0,
    max: 1,
    exclusiveMax: true,
    default: [0.9, 0.999],
    description: "decay of the moments",
  },
  eps: { type: "number", min: 0, default: 1e-8, description: "added to the root, in the gradients' unit" },
  weights: {
    type: "vector",
    min: 0,
    default: null,
    description: "of each task's gradient, before its moments; null: 1 each",
  },
} satisfies OptionSchema;

/**
 * AdaTask: an Adam for each task. mᵢ ← β₁mᵢ + (1−β₁)wᵢgᵢ, vᵢ ← β₂vᵢ + (1−β₂)(wᵢgᵢ)², a step counter per task; the **update** is
 * Σ m̂ᵢ/(√v̂ᵢ + eps), applied as θ − lr · d (`kind: "update"`). A task with small gradients moves the shared parameters as far as one with
 * large ones; nobody is protected from conflict. A zero gradient decays m and v, and still moves by m̂; an absent task moves nothing.
 *
 * Of tables, moments and a counter are held per task and row, and move where the task touches the row. State: 2T × P numbers.
 *
 * Source: Yang et al. 2023, algorithm 1 (Adam). Its AdaGrad and RMSProp forms are not offered.
 */
export function adatask(given: Partial<AdataskOptions> = {}): GradientPool<AdataskState> {
  const resolved = resolveOptions<AdataskOptions>("adatask", options, given);
  return {
    spec: 1,
    name: "adatask",
    options: { ...resolved, betas: [...resolved.betas] },
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    answers: "update",
    moments: {
      beta1: resolved.betas[0] as number,
      beta2: resolved.betas[1] as number,
      epsilon: resolved.eps,
      weights: resolved.weights,
    },
    init: ({ names: { length } }) => ({ counts: new Float64Array(length), tensors: {}, rows: {} }),
    pool(gradients: TaskGradients, context: PoolContext, state: AdataskState) {
      requireFinite("adatask", gradients.gram("parameter", "norms"), context);
      const index = gradients.present.flatMap((here, i) => (here ? [i] : []));
      const counts = state.counts.slice();
      for (const i of index) counts[i] = (counts[i] as number) + 1;
      const shares = taskVector("adatask", "weights", resolved.weights, context, 1);
      const [b1, b2] = resolved.betas as readonly [number, number];
      const asked = { index, counts, shares, b1, b2, eps: resolved.eps, donate: context.donate === true };
      const tensors = { ...state.tensors };
      const rows = { ...state.rows };
      const values = new Map<string, FloatArray>();
      for (const parameter of gradients.parameters) {
        const { name, ids } = parameter;
        const own = gradients.values(name);
        const moved =
          ids === undefined
            ? moveTensor(own, parameter.size, tensors[name], asked)
            : moveRows(own, { ids, width: parameter.width }, rows[name], asked);
        values.set(name, moved.update);
        if ("moments" in moved) tensors[name] = moved.moments;
        else rows[name] = moved.rows;
      }
      const combined = { ...gradients.assemble(values), kind: "update" as const };
      return { combined, state: index.length === 0 ? state : { counts, tensors, rows } };
    },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "adatask",
    summary: "An Adam for each task: every task moves the shared parameters as far, whatever its gradients' size.",
    paper: {
      title: "AdaTask: A Task-Aware Adaptive Learning Rate Approach to Multi-Task Learning",
      authors: "Enneng Yang, Junwei Pan, Ximei Wang, Haibin Yu, Li Shen, Xihua Chen, Lei Xiao, Jie Jiang, Guibing Guo",
      year: 2023,
      venue: "AAAI",
      url: "https://arxiv.org/abs/2211.15055",
    },
    options,
    levels: ["parameters"],
    granularities: [],
    properties: {
      nonConflicting: "each coordinate is scaled on its own",
      permutationEquivariant: true,
      scaleLinear: "an update's size is the learning rate's, not the gradients'",
      taskScaleInvariant: "but for eps, which has a scale",
      targetDescent: "auxiliaries may outweigh the target",
    },
    variants: [{ options: { eps: 0 }, properties: { taskScaleInvariant: true } }],
    create: adatask,
  },
];
