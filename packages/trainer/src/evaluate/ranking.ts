import { GradpoolError } from "@gradpool/core";
import type { RankingReport } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { Engine } from "../engine/contract.js";
import type { Evaluate, Metrics } from "./contract.js";
import { judgeRankings, rankedMetric } from "./judge.js";
import type { RankingPart } from "./part.js";
import { itemRanker, type ItemRankerOptions } from "./rank-items.js";
import { ratingUnit } from "./rating-errors.js";

export interface RankingEvaluation {
  readonly engine: Engine;
  readonly model: Model;
  /** Whose head scores, for tensor models. Default: the target task. */
  readonly task?: string;
  /** See `judgeRankings`. */
  readonly metrics: readonly string[];
  readonly valid: RankingPart;
  readonly test: RankingPart;
}

/** Full ranking, and what else `judgeRankings` measures: every item that is not excluded, for every user with a relevant one. */
export function rankingEvaluator(options: RankingEvaluation): Evaluate {
  const { engine, model } = options;
  const metrics = options.metrics.map((metric) => rankedMetric(metric).name);
  if (model.ranking === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: `${model.name} does not score items for users`,
      where: "rankingEvaluator",
      remedy: "choose a model with `ranking`, or evaluate its predictions on labelled rows",
    });
  }
  const evaluate = async (...[part, tell, look, signal]: Parameters<Evaluate>): Promise<Metrics> => {
    const task = options.task ?? nameOfTarget(engine);
    const report = await judgeModel({ engine, model, task, signal }, metrics, options[part]);
    for (const missing of report.undefined) tell?.({ ...missing, part });
    look?.({ task, users: report.users, values: report.perUser });
    return report.values;
  };
  return Object.assign(evaluate, { metrics });
}

/** `judgeRankings` by one task's scores of a model's present weights. Error `unsupported` for a model that does not rank. */
export async function judgeModel(
  options: Omit<ItemRankerOptions, "candidates">,
  metrics: readonly string[],
  part: RankingPart,
): Promise<RankingReport> {
  const { model } = options;
  const ranker = itemRanker(options);
  try {
    return await judgeRankings({ ranker, itemCount: itemsOf(model), unit: ratingUnit(model), metrics, part });
  } finally {
    ranker.dispose();
  }
}

function itemsOf(model: Model): number {
  if (model.kind === "tensor") return model.ranking?.items ?? 0;
  const table = model.ranking?.items;
  return model.tables.find(({ name }) => name === table)?.rows ?? 0;
}

const nameOfTarget = ({ tasks }: Engine): string => tasks.names[tasks.target] as string;
