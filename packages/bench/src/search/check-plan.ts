import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { given, GradpoolError } from "@gradpool/core";
import { parseMetric } from "@gradpool/metrics";
import { loadPool } from "@gradpool/registry";
import { hyphenated, loadWorkload } from "@gradpool/runs";
import { strangeName } from "../plan/label.js";
import { codePaths } from "./code.js";
import { configure, gridOf } from "./trials.js";
import type { Plan, TrialSpec } from "../results/types.js";

/**
 * Makes every pool of a plan once, looks for every model and reads every metric, so that a slip is an error before anything
 * runs. `allow`: see `bench`. Answers with a hash of the files that the plan names by path ("" if none): an edited pool or model makes new trials.
 */
export async function checkPlan(plan: Plan, allow?: readonly string[]): Promise<string> {
  plan.base.metrics.forEach((metric) => parseMetric(metric));
  const files = new Set<string>();
  for (const contender of plan.contenders) {
    for (const point of gridOf(plan, contender)) {
      requireNamed(plan.name, contender.label, point);
      const config = configure(plan, contender, point, 0);
      await loadPool(config.pool, given({ allow }));
      await loadWorkload(config.model, { allow });
      for (const path of codePaths(config)) files.add(resolve(path));
    }
  }
  if (files.size === 0) return "";
  const hash = createHash("sha256");
  for (const file of [...files].sort()) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** Refuses a label that names in braces what has no value. */
function requireNamed(where: string, label: string, point: TrialSpec["point"]): void {
  const strange = strangeName(label, point);
  if (strange === undefined) return;
  const known = Object.keys(point).map((name) => `{${hyphenated(name)}}`);
  const remedy = known.length === 0 ? "leave the braces out" : `name ${known.join(", ")}, or leave the braces out`;
  const what = `the label ${label} names ${strange}, which is not swept`;
  throw new GradpoolError({ code: "usage", what, where, remedy });
}
