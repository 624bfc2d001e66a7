import { GradpoolError } from "@gradpool/core";
import type { Model } from "@gradpool/models";
import type { Engine } from "../engine/contract.js";
import type { Evaluate, Metrics } from "./contract.js";
import { judgeRankings, rankedMetric } from "./judge.js";
import type { RankingPart } from "./part.js";

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
  const evaluate = async (...[part, tell, look]: Parameters<Evaluate>): Promise<Metrics> => {
    const task = options.task ?? nameOfTarget(engine);
    const report = await judgeRankings({ engine, model, task, metrics, part: options[part] });
    for (const missing of report.undefined) tell?.({ ...missing, part });
    look?.({ task, users: report.users, values: report.perUser });
    return report.values;
  };
  return Object.assign(evaluate, { metrics });
}

const nameOfTarget = ({ tasks }: Engine): string => tasks.names[tasks.target] as string;
