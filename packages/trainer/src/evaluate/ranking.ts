import { GradpoolError } from "@gradpool/core";
import { evaluateRanking, type ItemLists, parseMetric, rankTopK, rankTopKBy, type TopK } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { Engine } from "../engine/contract.js";
import { breather } from "../event-loop/breathe.js";
import type { Evaluate, Metrics } from "./contract.js";

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
    const topK = await rank(engine, model, options.task ?? nameOfTarget(engine), k, { ...options[part], userIds });
    const report = evaluateRanking({ topK, relevant, metrics, userIds });
    for (const missing of report.undefined) tell?.({ ...missing, part });
    return report.values;
  };
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

async function rank(
  engine: Engine,
  model: Model,
  task: string,
  k: number,
  { relevant, exclude, userIds }: Required<RankingPart>,
): Promise<TopK> {
  engine.settle();
  if (model.kind !== "tensor") {
    const { users, items } = model.ranking as { readonly users: string; readonly items: string };
    const rows = (table: string): Float32Array => engine.representation?.(table) ?? engine.table(table);
    const dim = rows(users).length / (model.tables.find((table) => table.name === users)?.rows as number);
    return rankTopK({ users: rows(users), items: rows(items), dim, k, exclude, relevant, userIds });
  }
  const { items } = model.ranking as NonNullable<typeof model.ranking>;
  const scorer = engine.scorer?.(task);
  if (scorer === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: "the engine gives no scores",
      where: "rankingEvaluator",
      remedy: "use the tensor engine for tensor models",
    });
  }
  let scores = new Float32Array(0);
  const breathe = breather();
  try {
    return await rankTopKBy({
      userCount: exclude.offsets.length - 1,
      itemCount: items,
      k,
      exclude,
      relevant,
      userIds,
      async score(users) {
        await breathe();
        if (scores.length < users.length * items) scores = new Float32Array(users.length * items);
        const block = scores.subarray(0, users.length * items);
        scorer.score(users, block);
        return block;
      },
    });
  } finally {
    scorer.dispose();
  }
}

/** The users whose list is not empty, ascending. */
export function usersWithAny({ offsets }: ItemLists): Int32Array {
  const users: number[] = [];
  for (let u = 0; u + 1 < offsets.length; u++) if ((offsets[u + 1] as number) > (offsets[u] as number)) users.push(u);
  return Int32Array.from(users);
}
