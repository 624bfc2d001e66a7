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
  type SampledOptions,
} from "@gradpool/metrics";
import type { JudgeOptions, JudgeRequest } from "./part.js";
import { ratingErrors } from "./rating-errors.js";

/**
 * Every metric of rankings, by the scores of the moment: of all items, among sampled ones, of the catalogue that all lists
 * show together, and of predicted ratings. `perUser` holds those that are means over users.
 *
 * Errors: `unknown-option` for a name, `invalid-option` for one of labelled rows.
 */
export async function judgeRankings({ part, ...options }: JudgeOptions): Promise<RankingReport> {
  const metrics = options.metrics.map(rankedMetric);
  const userIds = part.userIds ?? usersWithAny(part.relevant);
  const request: JudgeRequest = { ...options, metrics, part: { ...part, userIds } };
  const perUser = [...(await amongAll(request)), ...(await amongSamples(request))];
  const reports: readonly MetricReport[] = [...perUser, ...(await ratingErrors(request))];
  const values = merged(reports.map((report) => report.values));
  return {
    users: perUser[0]?.users ?? userIds,
    perUser: merged(perUser.map((report) => report.perUser)),
    values: Object.fromEntries(metrics.map(({ name }) => [name, values[name] as number])),
    undefined: reports.flatMap((report) => report.undefined),
  };
}

const merged = <T>(records: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> =>
  Object.assign({}, ...records) as Readonly<Record<string, T>>;

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

async function amongSamples({ metrics, part, ranker, itemCount }: JudgeRequest): Promise<readonly RankingReport[]> {
  const own = metrics.filter((metric) => metric.family === "ranking" && metric.sampled !== undefined);
  if (own.length === 0) return [];
  const { relevant, exclude, known = exclude, userIds } = part;
  const names = own.map(({ name }) => name);
  const score: SampledOptions["score"] = (pairs) => ranker.score(pairs);
  return [await evaluateSampled({ relevant, known, userIds, metrics: names, itemCount, score })];
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
