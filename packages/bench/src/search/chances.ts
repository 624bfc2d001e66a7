import { elided } from "../plan/label.js";
import type { Plan } from "../results/types.js";
import { gridOf } from "./trials.js";

/** How many points each contender can choose from, in the plan's order. */
const pointCounts = (plan: Plan): readonly { readonly label: string; readonly points: number }[] =>
  plan.contenders
    .filter(({ role }) => role !== "reference")
    .map((contender) => ({ label: contender.label, points: gridOf(plan, contender).length }));

/** An unequal number of points is an unequal chance: a sentence that says so, or nothing where all have the same. */
export function unequalChances(plan: Plan): string | undefined {
  const counts = pointCounts(plan);
  const sizes = counts.map(({ points }) => points);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  if (least === most) return undefined;
  const named = counts.filter(({ points }) => points === most).map(({ label }) => elided(label));
  const who = named.length > 3 ? `${named.length} of ${counts.length} pools` : named.join(", ");
  return `Pools have ${least} to ${most} points to choose from, ${who} the most: more points are more chances`;
}
