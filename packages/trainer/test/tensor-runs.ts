import { atRepresentation, type GradientPool } from "@gradpool/core";
import { generateShop, impressionsSampler, jointSampler, type PreparedSet } from "@gradpool/data";
import { metaBalance } from "@gradpool/metabalance";
import {
  aitm,
  clickModel,
  type ClickOptions,
  ple,
  sharedBottom,
  type TensorModel,
  type TensorOps,
} from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import {
  classificationEvaluator,
  createEngine,
  type FitOptions,
  jointFeed,
  rankingEvaluator,
  type TensorEngine,
} from "../src/index.js";

/**
 * `bottom`: a shared bottom on pairs, ranked; MetaBalance on the parameters (running norms per tensor), Adam with lazy rows.
 * `click`: a click model on impressions, AUC; MultiBalance on the representation (magnitudes and λ), Adam with
 * dense-equivalent rows. Both with dropout.
 * `experts`: PLE of two levels, PCGrad on its cut, dropout, batch normalisation. `funnel`: AITM, whose calibrator no pool sees, MetaBalance on the
 * parameters.
 */
export type Kind = "bottom" | "click" | "experts" | "funnel";

export interface TensorRun {
  readonly engine: TensorEngine;
  readonly options: FitOptions;
}

const set: PreparedSet = generateShop({ users: 40, items: 30, buysPerUser: 6, seed: 3 });

/** A small real run of a tensor model, the same every time. */
export function tensorRun(tf: TensorOps, kind: Kind, change: Partial<FitOptions> = {}): TensorRun {
  const { model, pool, options, rows } = parts[kind]();
  const engine = createEngine({
    tf,
    model,
    pool,
    optimizer: { name: "adam", learningRate: 0.01, rows },
    seed: 5,
  });
  return {
    engine,
    options: { epochs: kind === "bottom" ? 6 : 7, diagnosticsEvery: 4, ...options(engine), engine, ...change },
  };
}

interface Parts {
  readonly model: TensorModel;
  readonly pool: GradientPool;
  readonly rows: "lazy" | "dense-equivalent";
  readonly options: (engine: TensorEngine) => Pick<FitOptions, "feed" | "evaluate">;
}

function bottom(): Parts {
  const tasks = ["buy", "cart", "pv"];
  const { users, items } = set;
  const model = sharedBottom({ users, items, tasks, dim: 4, mlp: [8, 4], tower: [6], dropout: 0.3 });
  const sampler = jointSampler(set, { tasks, batchSize: 32, seed: 5 });
  const { train, valid, test } = set.behaviors["buy"] as (typeof set.behaviors)[string];
  return {
    model,
    pool: metaBalance() as GradientPool,
    rows: "lazy",
    options: (engine) => ({
      feed: jointFeed(sampler),
      evaluate: rankingEvaluator({
        engine,
        model,
        metrics: ["ndcg@5", "recall@5"],
        valid: { relevant: valid, exclude: train },
        test: { relevant: test, exclude: train },
      }),
    }),
  };
}

type Inputs = Pick<ClickOptions, "fields" | "numerical" | "dim">;

function click(): Parts {
  const tasks = ["buy", "cart"];
  const make = (inputs: Inputs): TensorModel => clickModel({ ...inputs, tasks, trunk: [8], head: [6], dropout: 0.3 });
  return onImpressions(tasks, make, multiBalance() as GradientPool, "dense-equivalent");
}

function experts(): Parts {
  const tasks = ["buy", "cart"];
  const make = (inputs: Inputs): TensorModel =>
    ple({ ...inputs, tasks, expert: [6, 4], head: [4], dropout: 0.3, batchNorm: true });
  return onImpressions(tasks, make, atRepresentation(pcgrad()), "lazy");
}

function funnel(): Parts {
  const tasks = ["pv", "buy"];
  const make = (inputs: Inputs): TensorModel => aitm({ ...inputs, tasks, bottom: [6, 4], dropout: 0.1 });
  return onImpressions(tasks, make, metaBalance() as GradientPool, "lazy");
}

const parts: Readonly<Record<Kind, () => Parts>> = { bottom, click, experts, funnel };

function onImpressions(
  tasks: readonly string[],
  make: (inputs: Inputs) => TensorModel,
  pool: GradientPool,
  rows: Parts["rows"],
): Parts {
  const sampler = impressionsSampler(set, { tasks, batchSize: 64, seed: 5 });
  const { fields, numericalNames } = impressionsSampler(set, { tasks, batchSize: 1, shuffle: false }).next();
  const model = make({
    fields: fields.map(({ name, vocabulary, kind }) => ({ name, vocabulary, kind })),
    numerical: numericalNames.length,
    dim: 4,
  });
  return {
    model,
    pool,
    rows,
    options: (engine) => ({
      feed: jointFeed(sampler),
      evaluate: classificationEvaluator({
        engine,
        metrics: ["auc", "logloss"],
        *rows(part) {
          const all = impressionsSampler(set, { part, shuffle: false, batchSize: 256, tasks });
          for (let k = 0; k < all.batchesPerEpoch; k++) yield all.next();
        },
      }),
    }),
  };
}
