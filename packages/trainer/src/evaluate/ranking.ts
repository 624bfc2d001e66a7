import { GradpoolError } from "@gradpool/core";
import { evaluateRanking, type ItemLists, parseMetric, type TopK } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { Engine } from "../engine/contract.js";
import type { Evaluate, Metrics } from "./contract.js";
import { itemRanker, type RankRequest } from "./rank-items.js";

/** What one part of a data set asks of a ranking. Lists are indexed by user. */
export interface RankingPart {
  readonly relevant: ItemLists;
  /** Items that are not ranked for a user: those of the training part, and of validation when testing. */
  readonly exclude: ItemLists;
  /** The users to rank. Default: all that have a relevant item. */
  readonly userIds?: Int32Array;
}

export interface RankingEvaluation {
  readonly engine: Engine;
  readonly model: Model;
  /** Whose head scores, for tensor models. Default: the target task. */
  readonly task?: string;
  readonly metrics: readonly string[];
  readonly valid: RankingPart;
  readonly test: RankingPart;
}

/** Full ranking: every item that is not excluded, for every user with a relevant one. */
export function rankingEvaluator(options: RankingEvaluation): Evaluate {
  const { engine, model } = options;
  const metrics = options.metrics.map((metric) => parseMetric(metric).name);
  if (model.ranking === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: `${model.name} does not score items for users`,
      where: "rankingEvaluator",
      remedy: "choose a model with `ranking`, or evaluate its predictions on labelled rows",
    });
  }
  const k = Math.max(...metrics.map((name) => depthOf(name)));
  const evaluate = async (part: "valid" | "test", tell?: Parameters<Evaluate>[1]): Promise<Metrics> => {
    const { relevant, userIds = usersWithAny(relevant) } = options[part];
    const { exclude } = options[part];
    const task = options.task ?? nameOfTarget(engine);
    const topK = await rankOnce(task, { k, exclude, relevant, userIds });
    const report = evaluateRanking({ topK, relevant, metrics, userIds });
    for (const missing of report.undefined) tell?.({ ...missing, part });
    return report.values;
  };
  async function rankOnce(task: string, request: RankRequest): Promise<TopK> {
    const ranker = itemRanker({ engine, model, task });
    try {
      return await ranker.rank(request);
    } finally {
      ranker.dispose();
    }
  }
  return Object.assign(evaluate, { metrics });
}

const nameOfTarget = ({ tasks }: Engine): string => tasks.names[tasks.target] as string;

function depthOf(name: string): number {
  const metric = parseMetric(name);
  if (metric.family === "ranking") return metric.k;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${metric.name} is not computed from ranked lists`,
    where: "metrics",
    remedy: "use ndcg@K, recall@K, precision@K, hr@K, mrr@K or map@K for this data",
  });
}

/** The users whose list is not empty, ascending. */
export function usersWithAny({ offsets }: ItemLists): Int32Array {
  const users: number[] = [];
  for (let u = 0; u + 1 < offsets.length; u++) if ((offsets[u + 1] as number) > (offsets[u] as number)) users.push(u);
  return Int32Array.from(users);
}
