import { holm, pairedT } from "@gradpool/metrics";
import { higherIsBetter } from "../results/lookup.js";
import type { Contender, Plan, Premise, Premises } from "../results/types.js";
import type { Row } from "./compare.js";
import { finite } from "./finite.js";
import { sameTasks } from "./measured.js";
import { premisesInWords } from "./premises-in-words.js";

/** Values by seed of something that contenders are measured by. */
type Values = readonly (number | null)[];

/**
 * Does learning several tasks help, and is a model needed? The best on validation is tested once, on test: against the same model's
 * tasks learnt alone, and against what learns nothing. Paired by seed, two-sided, Holm-corrected over these few.
 */
export function premisesOf(plan: Plan, rows: readonly Row[]): Premises {
  const metric = plan.base.metrics[0] as string;
  const several = bestOf(plan, rows, metric, isSeveral(plan));
  const trained = bestOf(plan, rows, metric, ({ role }) => role !== "reference");
  const alone = aloneOf(plan, rows, metric);
  const references = plan.contenders.filter(({ role }) => role === "reference");
  const asked: readonly (Omit<Premise, "pHolm" | "verdict"> | null)[] = [
    several === undefined || alone === null ? null : compare(metric, several, alone.labels, alone.values),
    ...references.map(({ label }) => {
      const values = rows.find((row) => row.label === label)?.test[metric]?.values;
      return trained === undefined || values === undefined ? null : compare(metric, trained, [label], values);
    }),
  ];
  const corrected = holm(asked.map((one) => one?.p ?? NaN));
  const found = asked.map((one, k) => (one === null ? null : judged(metric, one, corrected[k] as number)));
  const parts = {
    metric,
    several: found[0] ?? null,
    references: found.slice(1).flatMap((one) => one ?? []),
  };
  return { ...parts, sentences: premisesInWords(parts, rows) };
}

const tasksOf = (plan: Plan, { overrides }: Contender): readonly string[] => overrides?.tasks ?? plan.base.tasks;
const modelOf = (plan: Plan, { overrides }: Contender): string => overrides?.model ?? plan.base.model;

/** Pools on the base's model and tasks. */
const isSeveral =
  (plan: Plan) =>
  (contender: Contender): boolean =>
    contender.role === undefined &&
    modelOf(plan, contender) === plan.base.model &&
    plan.base.tasks.length > 1 &&
    sameTasks(tasksOf(plan, contender), plan.base.tasks);

/** The row with the best validation mean of those that measure the metric on test too. */
function bestOf(
  plan: Plan,
  rows: readonly Row[],
  metric: string,
  counts: (contender: Contender) => boolean,
): Row | undefined {
  const sign = higherIsBetter(metric) ? 1 : -1;
  const known = rows.filter(
    (row, k) =>
      counts(plan.contenders[k] as Contender) && row.valid[metric] !== undefined && row.test[metric] !== undefined,
  );
  const valueOf = (row: Row): number => sign * (row.valid[metric]?.mean ?? NaN);
  return known.reduce<Row | undefined>(
    (best, row) => (best === undefined || valueOf(row) > valueOf(best) ? row : best),
    undefined,
  );
}

/** The tasks learnt alone: of a ranking the target, of labels the mean over all tasks. Null where one that is needed is missing. */
function aloneOf(
  plan: Plan,
  rows: readonly Row[],
  metric: string,
): { readonly labels: readonly string[]; readonly values: Values } | null {
  const rowOf = (task: string): Row | undefined => {
    const at = plan.contenders.findIndex(
      (one) => one.role === "alone" && modelOf(plan, one) === plan.base.model && sameTasks(tasksOf(plan, one), [task]),
    );
    return at < 0 ? undefined : rows[at];
  };
  const base = rows.find(({ label }) => label === plan.baseline)?.test[metric];
  const parts = (base?.tasks ?? plan.base.tasks.slice(0, 1)).map((task) => {
    const row = rowOf(task);
    const values = (row?.test[`${metric}/${task}`] ?? row?.test[metric])?.values;
    return row === undefined || values === undefined ? null : { label: row.label, values };
  });
  const known = parts.flatMap((part) => part ?? []);
  if (known.length < parts.length || known.length === 0) return null;
  const values = plan.seeds.map((_, seed) => {
    const own = known.map((part) => part.values[seed] ?? null);
    return own.some((value) => value === null) ? null : mean(own as number[]);
  });
  return { labels: known.map(({ label }) => label), values };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function compare(
  metric: string,
  row: Row,
  against: readonly string[],
  others: Values,
): Omit<Premise, "pHolm" | "verdict"> | null {
  const pairs = (row.test[metric]?.values ?? []).flatMap((value, seed) => {
    const other = others[seed] ?? null;
    return value === null || other === null ? [] : [[value, other] as const];
  });
  if (pairs.length === 0) return null;
  const [mine, theirs] = [pairs.map(([value]) => value), pairs.map(([, other]) => other)];
  const [value, other] = [mean(mine), mean(theirs)];
  return {
    of: row.label,
    value,
    against,
    other,
    relative: other === 0 ? null : finite((value - other) / Math.abs(other)),
    p: finite(pairedT(mine, theirs).p),
  };
}

function judged(metric: string, one: Omit<Premise, "pHolm" | "verdict">, corrected: number): Premise {
  const pHolm = finite(corrected);
  const gain = (higherIsBetter(metric) ? 1 : -1) * (one.value - one.other);
  const verdict =
    pHolm === null ? "not testable" : pHolm >= 0.05 ? "no difference shown" : gain > 0 ? "better" : "worse";
  return { ...one, pHolm, verdict };
}
