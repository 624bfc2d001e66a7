import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { list, text } from "../tables/duck.js";
import { readLinks } from "../tables/edges.js";
import type { Column } from "../tables/kinds.js";
import { checkTimeFormat, secondsOf } from "../tables/times.js";
import { labelled, parseRules, type Rule } from "./labels.js";
import type { ColumnNames } from "./options.js";
import type { DataFormat, FeatureSource, ImpressionSource, Reading, Staged } from "./reader.js";
import { behaviorsIn } from "./stray.js";

/** The options of formats whose columns have no fixed names. */
export const columnOptions: DataFormat["takes"] = {
  input: "FILE…",
  columns: "user=…,item=…,behavior=…,label=a+b,time=…,value=…,category=…,features=c+d,numbers=e+f",
  behaviors: "NAME,NAME",
  labels: "NAME=COLUMN>=N",
  timeFormat: "FORMAT",
  social: "FILE",
};

const several = (names: string | readonly string[] = []): readonly string[] =>
  typeof names === "string" ? names.split("+").map((part) => part.trim()) : names;

function chosenColumns({ columns }: Reading["options"]): ColumnNames {
  if (!columns?.user || !columns.item) {
    throw problem("usage", "the user and item columns are not named", "columns", "name both: user=…,item=…");
  }
  if (columns.behavior && columns.label) {
    throw problem("usage", "both behavior and label are named", "columns", "name one of them");
  }
  return columns;
}

/** What is read, by what it is for. In the table the columns are `u`, `i`, `b`, `t`, `v`, `c`, `label_k`, `rule_k`, `feature_k`, `number_k`. */
interface Plan {
  readonly columns: ColumnNames;
  readonly labels: readonly string[];
  /** Rules by the label they explain, and those that make tasks of their own. */
  readonly explained: ReadonlyMap<string, Rule>;
  readonly rules: readonly Rule[];
  readonly features: readonly string[];
  readonly numbers: readonly string[];
  readonly wanted: readonly Column[];
}

const kindOf = (rule: Rule): "number" | "text" => (typeof rule.bound === "number" ? "number" : "text");

function planOf(reading: Reading): Plan {
  const columns = chosenColumns(reading.options);
  const { timeFormat } = reading.options;
  const labels = several(columns.label);
  const features = several(columns.features);
  const numbers = several(columns.numbers);
  const parsed = parseRules(reading.options.labels);
  const explained = new Map(parsed.filter((rule) => labels.includes(rule.name)).map((rule) => [rule.name, rule]));
  const rules = parsed.filter((rule) => !labels.includes(rule.name));
  const label = (called: string, k: number): Column => {
    const rule = explained.get(called);
    const as = `label_${k}`;
    return rule ? { name: rule.column, kind: kindOf(rule), as } : { name: called, kind: "label", as };
  };
  const one = (called: string | undefined, column: Omit<Column, "name">): Column[] =>
    called ? [{ name: called, ...column }] : [];
  const wanted = [
    ...one(columns.user, { as: "u", kind: "id", required: true }),
    ...one(columns.item, { as: "i", kind: "id", required: true }),
    ...one(columns.behavior, { as: "b", kind: "id", required: true }),
    ...one(columns.time, { as: "t", kind: "time", format: timeFormat }),
    ...one(columns.value, { as: "v", kind: "number" }),
    ...one(columns.category, { as: "c", kind: "text" }),
    ...labels.map(label),
    ...rules.map((rule, k): Column => ({ name: rule.column, kind: kindOf(rule), as: `rule_${k}` })),
    ...features.map((called, k): Column => ({ name: called, kind: "text", as: `feature_${k}` })),
    ...numbers.map((called, k): Column => ({ name: called, kind: "number", as: `number_${k}` })),
  ];
  return { columns, labels, explained, rules, features, numbers, wanted };
}

/** Refuses a name that is no column of the source. */
export function noColumn(column: string, present: readonly string[], where: string): Error {
  const known = present.slice(0, 50).map((called) => called || '""');
  const more = present.length > known.length ? `, … (${present.length})` : "";
  return problem("usage", `there is no column "${column}"`, where, `the columns are ${known.join(", ")}${more}`);
}

/** The rules of all tasks, each over its own column of the table. */
function tasksOf({ labels, explained, rules }: Plan): { rules: readonly Rule[]; columns: Record<string, string> } {
  const own = labels.map((label, k) => {
    const rule = explained.get(label) ?? { name: label, operator: "=", bound: 1 };
    return { ...rule, column: `label_${k}` };
  });
  const further = rules.map((rule, k) => ({ ...rule, column: `rule_${k}` }));
  const all = [...own, ...further];
  return { rules: all, columns: Object.fromEntries(all.map(({ column }) => [column, column])) };
}

async function eventsOf(
  reading: Reading,
  plan: Plan,
  base: string,
): Promise<Pick<Staged, "behaviors" | "raw" | "stray">> {
  const value = plan.columns.value ? "v" : "NULL::DOUBLE";
  const select = (b: string): string => `SELECT ${b} AS b, ${base}, ${value} AS v FROM rows`;
  if (plan.columns.behavior) {
    const { behaviors, stray } = await behaviorsIn(reading, "rows", "b", plan.columns.behavior);
    const index = `CAST(list_position(${list(behaviors)}, rows.b) - 1 AS UTINYINT)`;
    return { behaviors, stray, raw: `(${select(index)} WHERE rows.b IN (SELECT unnest(${list(behaviors)})))` };
  }
  const { labels } = plan;
  if (labels.length === 0) return { behaviors: ["interaction"], raw: `(${select("0::UTINYINT")})` };
  const positive = (label: string, k: number): string => {
    const { operator, bound } = plan.explained.get(label) ?? { operator: "=", bound: 1 };
    return `label_${k} ${operator} ${typeof bound === "number" ? bound : text(bound)}`;
  };
  const events = labels.map((label, k) => `${select(`${k}::UTINYINT`)} WHERE ${positive(label, k)}`);
  return { behaviors: labels, raw: `(${events.join(" UNION ALL ")})` };
}

function impressionsOf(plan: Plan, base: string): ImpressionSource | undefined {
  const extra = [
    ...plan.features.map((called, k) => ({ name: called, kind: "one-hot" as const, column: `feature_${k}` })),
    ...plan.numbers.map((called, k) => ({ name: called, kind: "numerical" as const, column: `number_${k}` })),
  ];
  const { rules, columns } = tasksOf(plan);
  const shown = labelled("rows", [base, ...extra.map(({ column }) => column)].join(", "), rules, columns);
  return shown && { ...shown, features: extra };
}

function categoriesOf({ category }: ColumnNames): FeatureSource[] {
  if (!category) return [];
  const relation = "(SELECT i AS key, unnest(string_split(c, '|')) AS value FROM rows)";
  return [{ entity: "item", name: "category", kind: "multi-hot", relation }];
}

/** Any table with one row an event or impression, once `readRows` has made the table `rows` of the columns wanted. */
export async function readTable(
  reading: Reading,
  readRows: (reading: Reading, wanted: readonly Column[]) => Promise<void>,
): Promise<Staged> {
  const { social, timeFormat } = reading.options;
  if (timeFormat !== undefined) await checkTimeFormat(reading.db, timeFormat);
  const plan = planOf(reading);
  const { columns } = plan;
  await readRows(reading, plan.wanted);
  const time = columns.time && (await secondsOf(reading, "rows", "t", columns.time));
  const base = `u, i, ${time ?? "NULL::DOUBLE"} AS t`;
  return {
    ...(await eventsOf(reading, plan, base)),
    timed: columns.time !== undefined,
    valued: columns.value !== undefined,
    features: categoriesOf(columns),
    ...given({
      category: columns.category && "category",
      impressions: impressionsOf(plan, base),
      social: social === undefined ? undefined : await readLinks(reading, social, "links"),
    }),
  };
}
