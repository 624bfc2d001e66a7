import { fail } from "../errors.js";

/** Root mean squared error √(Σ (prediction − rating)² / n). NaN for no rows. */
export function rmse(predictions: ArrayLike<number>, ratings: ArrayLike<number>): number {
  return Math.sqrt(meanOf(predictions, ratings, "rmse", (error) => error * error));
}

/** Mean absolute error Σ |prediction − rating| / n. NaN for no rows. */
export function mae(predictions: ArrayLike<number>, ratings: ArrayLike<number>): number {
  return meanOf(predictions, ratings, "mae", Math.abs);
}

function meanOf(
  predictions: ArrayLike<number>,
  ratings: ArrayLike<number>,
  where: string,
  cost: (error: number) => number,
): number {
  if (predictions.length !== ratings.length) {
    fail(where, `${predictions.length} predictions for ${ratings.length} ratings`, "pass one rating per prediction");
  }
  let sum = 0;
  for (let i = 0; i < ratings.length; i++) {
    if (!Number.isFinite(ratings[i])) fail(where, `rating ${i} is ${ratings[i]}`, "leave missing ratings out");
    if (!Number.isFinite(predictions[i])) {
      fail(where, `prediction ${i} is ${predictions[i]}`, "look at the model; training has probably diverged");
    }
    sum += cost(predictions[i]! - ratings[i]!);
  }
  return sum / ratings.length;
}
