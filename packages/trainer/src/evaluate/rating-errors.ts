import { evaluateRatings, type MetricReport } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import type { JudgeRequest } from "./part.js";

/**
 * Errors of predicted ratings on the part's rated pairs, in the ratings' own unit: of models with a task of ratings, whose
 * prediction is offset + scale · score. Without such a task, or without ratings, they are undefined, and the reason says which.
 */
export async function ratingErrors({ metrics, part, ranker, unit }: JudgeRequest): Promise<readonly MetricReport[]> {
  const names = metrics.flatMap(({ family, name }) => (family === "rating" ? name : []));
  if (names.length === 0) return [];
  const reason = unit === null ? "no task predicts ratings" : "the pairs have no ratings";
  const rated = ratedPairs(part);
  if (unit === null || rated.ratings.length === 0) {
    const values = Object.fromEntries(names.map((name) => [name, Number.NaN]));
    return [{ values, undefined: names.map((metric) => ({ metric, reason })) }];
  }
  const scores = await ranker.score(rated);
  const predictions = Float64Array.from(scores, (score) => unit.offset + unit.scale * score);
  return [evaluateRatings({ predictions, ratings: rated.ratings, metrics: names })];
}

/** How a model with a task of ratings makes one of a score. */
export function ratingUnit(model: Model): { readonly offset: number; readonly scale: number } | null {
  if (model.kind === "tensor") return null;
  const task = model.tasks.find(({ objective }) => objective === "mse");
  if (task === undefined) return null;
  const { offset = 0, scale = 1 } = task.options ?? {};
  return { offset: Number(offset), scale: Number(scale) };
}

/** The rated pairs of the users who are judged. */
function ratedPairs({ relevant, ratings, userIds }: JudgeRequest["part"]) {
  const offsets = new Int32Array(userIds.length + 1);
  const items: number[] = [];
  const values: number[] = [];
  userIds.forEach((user, k) => {
    for (let at = relevant.offsets[user] as number; at < (relevant.offsets[user + 1] as number); at++) {
      const rating = ratings?.[at] ?? Number.NaN;
      if (Number.isNaN(rating)) continue;
      items.push(relevant.items[at] as number);
      values.push(rating);
    }
    offsets[k + 1] = items.length;
  });
  return { users: userIds, offsets, items: Int32Array.from(items), ratings: values };
}
