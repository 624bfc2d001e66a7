import {
  type Combined,
  definePool,
  type FloatArray,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Method,
  type OptionSchema,
  type PerGroup,
  type PoolContext,
  readPositiveLoss,
  requireFinite,
  resolveOptions,
  type RunningGradients,
  runningGradients,
  type TaskGradients,
} from "@gradpool/core";
import { type NormTarget, targets } from "./target.js";

export interface DbMtlOptions {
  /** β in [0, 1), default 0.9: decay of the running gradients. 0: the current ones; then norms are enough, tables too. */
  readonly beta: number;
  /** σ ≥ 0, default 0: β is divided by step^σ. */
  readonly sigma: number;
  /** The common norm: that of the largest gradient (default), the median, the mean or the least. */
  readonly target: NormTarget;
  readonly granularity: Granularity;
}

const options = {
  beta: { type: "number", min: 0, max: 1, exclusiveMax: true, default: 0.9, description: "decay of the averages" },
  sigma: { type: "number", min: 0, default: 0, description: "the decay is divided by step to this power" },
  target: {
    type: "enum",
    values: ["max", "median", "mean", "min"],
    default: "max",
    description: "the norm that all gradients get",
  },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/** Running gradients (T × P numbers) and the steps that they have taken. */
export interface DbMtlState {
  readonly steps: number;
  readonly running: RunningGradients;
}

/**
 * DB-MTL: ŷᵢ ← β ŷᵢ + (1 − β) ∇ log Lᵢ, ∇ log Lᵢ = gᵢ/Lᵢ, from 0; combined = m Σ ŷᵢ/‖ŷᵢ‖ with m the largest of the norms
 * (or their median, mean or least). With β > 0 it needs the gradients themselves, of dense parameters or of the
 * representation: a table is an error that names it. With β = 0 the norms are enough, and tables are welcome.
 * A zero ŷᵢ is left out. Losses must be positive.
 *
 * Source: Lin et al. 2023, algorithm 1; `target: "median"` as in MultiBalance's baselines.
 */
export function dbMtl(given: Partial<DbMtlOptions> = {}): GradientPool<DbMtlState | PerGroup<null> | null> {
  const resolved = resolveOptions<DbMtlOptions>("db-mtl", options, given);
  return (resolved.beta === 0 ? current(resolved) : averaged(resolved)) as GradientPool<
    DbMtlState | PerGroup<null> | null
  >;
}

function current(resolved: DbMtlOptions): GradientPool<PerGroup<null> | null> {
  return definePool<null>({
    name: "db-mtl",
    options: { ...resolved },
    needs: "norms",
    granularity: resolved.granularity,
    weigh({ norms, index }, context) {
      const logs = norms.map((norm, a) => norm / readPositiveLoss("db-mtl", context, index[a] as number));
      const common = targets[resolved.target](logs);
      const weights = norms.map((norm) => common / norm);
      return { weights, diagnostics: { weights: Array.from(weights), norm: common } };
    },
  });
}

function averaged(resolved: DbMtlOptions): GradientPool<DbMtlState> {
  const { granularity, beta, sigma } = resolved;
  /** Weights that give the averages of every group one norm. */
  const balance = definePool({
    name: "db-mtl",
    options: {},
    needs: "norms",
    granularity,
    weigh({ norms }) {
      const common = targets[resolved.target](norms);
      return { weights: norms.map((norm) => common / norm) };
    },
  });
  return {
    spec: 1,
    name: "db-mtl",
    options: { ...resolved },
    needs: "gradients",
    granularity,
    level: "parameters",
    init: () => ({ steps: 0, running: {} }),
    pool(gradients: TaskGradients, context: PoolContext, state: DbMtlState) {
      requireFinite("db-mtl", gradients.gram("parameter", "norms"), context);
      const steps = state.steps + 1;
      const factors = gradients.present.map((here, i) => (here ? 1 / readPositiveLoss("db-mtl", context, i) : 0));
      const rate = 1 - beta / steps ** sigma;
      const step = runningGradients("db-mtl", gradients, state.running, {
        rate,
        factors,
        donate: context.donate === true,
      });
      const weights = balance.mix?.(step.gradients.gram(granularity, "norms"), context, null).mixing
        .matrices as Float64Array;
      const sum = step.gradients.combine({ granularity, weights });
      context.report?.({ pool: "db-mtl", values: { weights: Array.from(weights), started: [...step.started] } });
      return { combined: copy(gradients, sum), state: { steps, running: step.state } };
    },
  };
}

/** The answer in the trainer's own terms: its weights are for running gradients, which only this pool has. */
function copy(gradients: TaskGradients, sum: Combined): Combined {
  return gradients.assemble(
    new Map(gradients.parameters.map(({ name }): [string, FloatArray] => [name, sum.value(name)])),
  );
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "db-mtl",
    summary: "Dual balancing: gradients of the log losses, averaged over steps and brought to one norm.",
    paper: {
      title: "Dual-Balancing for Multi-Task Learning",
      authors:
        "Baijiong Lin, Weisen Jiang, Feiyang Ye, Yu Zhang, Pengguang Chen, Ying-Cong Chen, Shu Liu, James T. Kwok",
      year: 2023,
      venue: "arXiv",
      url: "https://arxiv.org/abs/2308.12029",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    tables: "running gradients would touch every row of a table in every step",
    properties: {
      nonConflicting: "a sum of gradients of one norm may conflict with one of them",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the running gradients remember the scales of earlier steps",
      targetDescent: "the others may outweigh the target",
    },
    create: dbMtl,
  },
];
