import { GradpoolError } from "@gradpool/core";
import type { Metrics } from "../evaluate/contract.js";

/** Somebody's evaluation may answer with anything. */
export function requireMetrics(answer: Metrics): Metrics {
  const wrong = typeof answer !== "object" || answer === null ? String(answer) : undefined;
  const name = wrong === undefined ? Object.keys(answer).find((key) => typeof answer[key] !== "number") : undefined;
  if (wrong === undefined && name === undefined) return answer;
  throw new GradpoolError({
    code: "invalid-input",
    what: wrong === undefined ? `${name} is ${String(answer[name as string])}` : `it answers with ${wrong}`,
    where: "fit, evaluate",
    remedy: "answer with { name: number }, NaN where a metric has no value",
  });
}
