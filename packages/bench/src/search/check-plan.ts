import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseMetric } from "@gradpool/metrics";
import { loadPool } from "@gradpool/registry";
import { isPath, splitMember } from "@gradpool/registry";
import { configure, gridOf } from "./trials.js";
import type { Plan } from "../results/types.js";

/**
 * Makes every pool of a plan once and reads every metric, so that a slip is an error before anything runs. Answers with a hash
 * of the pool files that the plan names by path ("" if none): an edited file makes new trials.
 */
export async function checkPlan(plan: Plan): Promise<string> {
  plan.base.metrics.forEach((metric) => parseMetric(metric));
  const files = new Set<string>();
  for (const contender of plan.contenders) {
    for (const point of gridOf(plan, contender)) {
      const { specifier } = await loadPool(configure(plan, contender, point, 0).pool);
      for (const { name } of specifier.links) if (isPath(name)) files.add(resolve(splitMember(name).source));
    }
  }
  if (files.size === 0) return "";
  const hash = createHash("sha256");
  for (const file of [...files].sort()) hash.update(readFileSync(file));
  return hash.digest("hex");
}
