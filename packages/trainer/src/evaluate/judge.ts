import { given, GradpoolError } from "@gradpool/core";
import {
  evaluateCatalogue,
  evaluateRanking,
  evaluateSampled,
  type ItemLists,
  type Metric,
  type MetricReport,
  parseMetric,
  type RankingReport,
} from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { JudgeOptions, JudgeRequest } from "./part.js";
import { itemRanker } from "./rank-items.js";
import { ratingErrors } from "./rating-errors.js";

/**
 * Every metric of rankings, by the weights of the moment: of all items, among sampled ones, of the catalogue that all lists
 * show together, and of predicted ratings. `perUser` holds those that are means over users.
 *
 * Errors: `unknown-option` for a name, `invalid-option` for one of labelled rows, `unsupported` for a model that does not rank.
 */
export async function judgeRankings({ part, ...options }: JudgeOptions): Promise<RankingReport> {
  const metrics = options.metrics.map(rankedMetric);
  const userIds = part.userIds ?? usersWithAny(part.relevant);
  const ranker = itemRanker(options);
  try {
    const request: JudgeRequest = { ...options, metrics, part: { ...part, userIds }, ranker };
    const perUser = [...(await amongAll(request)), ...(await amongSamples(request))];
    const reports: readonly MetricReport[] = [...perUser, ...(await ratingErrors(request))];
    const merged = <T>(records: readonly Readonly<Record<string, T>>[]) =>
      Object.assign({}, ...records) as Readonly<Record<string, T>>;
    const values = merged(reports.map((report) => report.values));
    return {
      users: perUser.find((report) => "users" in report)?.users ?? userIds,
      perUser: merged(perUser.map((report) => report.perUser)),
      values: Object.fromEntries(metrics.map(({ name }) => [name, values[name] as number])),
      undefined: reports.flatMap((report) => report.undefined),
    };
  } finally {
    ranker.dispose();
  }
}

/** One pass over the catalogue, for metrics of each user's list and of all lists together. */
async function amongAll({ metrics, part, ranker }: JudgeRequest): Promise<readonly RankingReport[]> {
  const { relevant, exclude, userIds, popularity } = part;
  const own = metrics.filter((metric) => metric.family === "ranking" && metric.sampled === undefined);
  const shown = metrics.filter((metric) => metric.family === "catalogue");
  if (own.length + shown.length === 0) return [];
  const depths = [...own, ...shown].map((metric) => ("k" in metric ? metric.k : 1));
  const exposure = shown.length === 0 ? undefined : [...new Set(shown.map(({ k }) => k))];
  const topK = await ranker.rank({ k: Math.max(...depths), exclude, relevant, userIds, ...given({ exposure }) });
  const report = evaluateRanking({ topK, relevant, metrics: own.map(({ name }) => name), userIds });
  if (topK.exposure === undefined) return [report];
  const names = shown.map(({ name }) => name);
  const catalogue = evaluateCatalogue({ exposure: topK.exposure, metrics: names, ...given({ popularity }) });
  return [
    {
      ...report,
      values: { ...report.values, ...catalogue.values },
      undefined: [...report.undefined, ...catalogue.undefined],
    },
  ];
}

async function amongSamples({ metrics, part, ranker, model }: JudgeRequest): Promise<readonly RankingReport[]> {
  const names = metrics.flatMap((metric) =>
    metric.family === "ranking" && metric.sampled !== undefined ? metric.name : [],
  );
  if (names.length === 0) return [];
  const { relevant, exclude, known = exclude, userIds } = part;
  return [
    await evaluateSampled({
      relevant,
      known,
      userIds,
      metrics: names,
      itemCount: itemsOf(model),
      score: (pairs) => ranker.score(pairs),
    }),
  ];
}

function itemsOf(model: Model): number {
  if (model.kind === "tensor") return model.ranking?.items ?? 0;
  const table = model.ranking?.items;
  return model.tables.find(({ name }) => name === table)?.rows ?? 0;
}

/** A metric by its name. Error `invalid-option` for one of labelled rows. */
export function rankedMetric(name: string): Metric {
  const metric = parseMetric(name);
  if (metric.family !== "classification") return metric;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${metric.name} is not computed from ranked lists`,
    where: "metrics",
    remedy:
      "use ndcg@K, recall@K, precision@K, hr@K, mrr@K, map@K, coverage@K, gini@K, popularity@K, rmse or mae for this data",
  });
}

/** The users whose list is not empty, ascending. */
export function usersWithAny({ offsets }: ItemLists): Int32Array {
  const users: number[] = [];
  for (let u = 0; u + 1 < offsets.length; u++) if ((offsets[u + 1] as number) > (offsets[u] as number)) users.push(u);
  return Int32Array.from(users);
}
