import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { parseFeatures } from "../features/parse.js";
import { readSchema } from "../features/schema.js";
import type { FeatureSpec } from "../features/spec.js";
import { columnsOf, type StagedFeature, stageFeatures } from "../features/stage.js";
import { list, name, text } from "../tables/duck.js";
import { readLinks } from "../tables/edges.js";
import type { Column } from "../tables/kinds.js";
import { checkTimeFormat, secondsOf } from "../tables/times.js";
import { labelled, parseRules, type Rule, spaceOf } from "./labels.js";
import type { ReadRows } from "./inputs.js";
import { readSides } from "./sides.js";
import type { ColumnNames } from "./options.js";
import type { DataFormat, FeatureSource, ImpressionSource, Reading, Staged } from "./reader.js";
import { behaviorsIn } from "./stray.js";

/** The options of formats whose columns have no fixed names. */
export const columnOptions: DataFormat["takes"] = {
  input: "FILE…",
  columns:
    "user=…,item=…,behavior=…,label=a+b@a,time=…,value=…,category=…,weight=…,features=c+d:number,numbers=e+f,users=…,items=…",
  schema: "FILE",
  users: "FILE",
  items: "FILE",
  behaviors: "NAME,NAME",
  labels: "NAME=COLUMN>=N",
  timeFormat: "FORMAT",
  social: "FILE",
};

const several = (names: string | readonly string[] = []): readonly string[] =>
  typeof names === "string" ? names.split("+").map((part) => part.trim()) : names;

async function chosenColumns({ columns: named, schema }: Reading["options"]): Promise<ColumnNames> {
  if (named !== undefined && schema !== undefined)
    throw problem("usage", "both columns and a schema are given", "schema", "give one of them");
  const columns = schema === undefined ? named : ((await readSchema(schema)) as ColumnNames);
  if (!columns?.user || !columns.item) {
    throw problem("usage", "the user and item columns are not named", schema ?? "columns", "name both: user=…,item=…");
  }
  if (columns.user === columns.item) {
    const what = `user and item are the same column, "${columns.user}"`;
    throw problem("usage", what, schema ?? "columns", "name the column of each");
  }
  if (columns.behavior && columns.label) {
    throw problem("usage", "both behavior and label are named", schema ?? "columns", "name one of them");
  }
  return columns;
}

/** What is read, by what it is for. In the table the columns are `u`, `i`, `b`, `t`, `v`, `c`, `label_k`, `rule_k`, `feature_k`, `number_k`. */
interface Plan {
  readonly columns: ColumnNames;
  readonly labels: readonly { readonly name: string; readonly space?: string }[];
  /** Rules by the label they explain, and those that make tasks of their own. */
  readonly explained: ReadonlyMap<string, Rule>;
  readonly rules: readonly Rule[];
  readonly features: ReadonlyMap<string, FeatureSpec | null>;
  readonly numbers: readonly string[];
  readonly wanted: readonly Column[];
}

const kindOf = (rule: Rule): "number" | "text" => (typeof rule.bound === "number" ? "number" : "text");

async function planOf(reading: Reading, told: Told | undefined): Promise<Plan> {
  const columns = told?.columns ?? (await chosenColumns(reading.options));
  const { anonymous = [] } = told ?? {};
  const { timeFormat } = reading.options;
  const labels = several(columns.label).map(spaceOf);
  const { features } = parseFeatures(columns.features, "columns");
  const numbers = several(columns.numbers);
  const parsed = parseRules(reading.options.labels);
  const isLabel = (rule: Rule): boolean => labels.some(({ name: called }) => called === rule.name);
  const explained = new Map(parsed.filter(isLabel).map((rule) => [rule.name, rule]));
  const rules = parsed.filter((rule) => !isLabel(rule));
  const label = ({ name: called }: { readonly name: string }, k: number): Column => {
    const rule = explained.get(called);
    const as = `label_${k}`;
    return rule ? { name: rule.column, kind: kindOf(rule), as } : { name: called, kind: "label", as };
  };
  const one = (called: string | undefined, column: Omit<Column, "name">): Column[] =>
    called ? [{ name: called, ...column }] : [];
  const wanted = [
    ...one(anonymous.includes("user") ? undefined : columns.user, { as: "u", kind: "id", required: true }),
    ...one(anonymous.includes("item") ? undefined : columns.item, { as: "i", kind: "id", required: true }),
    ...one(columns.behavior, { as: "b", kind: "id", required: true }),
    ...one(columns.time, { as: "t", kind: "time", format: timeFormat }),
    ...one(columns.value, { as: "v", kind: "number" }),
    ...one(columns.category, { as: "c", kind: "text" }),
    ...labels.map(label),
    ...rules.map((rule, k): Column => ({ name: rule.column, kind: kindOf(rule), as: `rule_${k}` })),
    ...one(columns.weight, { as: "w", kind: "number", required: true }),
    ...columnsOf(features, "feature"),
    ...numbers.map((called, k): Column => ({ name: called, kind: "number", as: `number_${k}` })),
  ];
  return { columns, labels, explained, rules, features, numbers, wanted };
}

/** The rules of all tasks, each over its own column of the table. */
function tasksOf({ labels, explained, rules }: Plan): { rules: readonly Rule[]; columns: Record<string, string> } {
  const own = labels.map((label, k) => {
    const rule = explained.get(label.name) ?? { operator: "=", bound: 1 };
    return { ...rule, ...label, column: `label_${k}` };
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
    const index = `CAST(list_position(${list(behaviors)}, rows.b) - 1 AS USMALLINT)`;
    return { behaviors, stray, raw: `(${select(index)} WHERE rows.b IN (SELECT unnest(${list(behaviors)})))` };
  }
  const { labels } = plan;
  if (labels.length === 0) return { behaviors: ["interaction"], raw: `(${select("0::UTINYINT")})` };
  const positive = (label: (typeof labels)[number], k: number): string => {
    const { operator, bound } = plan.explained.get(label.name) ?? { operator: "=", bound: 1 };
    const own = `label_${k} ${operator} ${typeof bound === "number" ? bound : text(bound)}`;
    const space = labels.findIndex(({ name: called }) => called === label.space);
    // A space that is no label, or goes round, is refused with the impressions.
    return space < 0 || space === k
      ? own
      : `${own} AND ${positive({ name: (labels[space] as typeof label).name }, space)}`;
  };
  const events = labels.map((label, k) => `${select(`${k}::USMALLINT`)} WHERE ${positive(label, k)}`);
  return { behaviors: labels.map(({ name: called }) => called), raw: `(${events.join(" UNION ALL ")})` };
}

async function impressionsOf(
  reading: Reading,
  plan: Plan,
  base: string,
  { anonymous, part }: Partial<Told> = {},
): Promise<ImpressionSource | undefined> {
  const { rules, columns } = tasksOf(plan);
  const plain = plan.numbers.map((called, k) => ({ name: called, kind: "numerical", value: `number_${k}` }) as const);
  const staged: readonly StagedFeature[] = [
    ...(await stageFeatures(reading, "rows", plan.features, "feature")),
    ...plain,
  ];
  const features = staged.map(({ name: called, kind, coding }, k) => ({
    name: called,
    kind,
    column: `feature_${k}`,
    ...given({ coding }),
  }));
  const values = staged.map(({ value }, k) => `${value} AS feature_${k}`);
  const weight = plan.columns.weight === undefined ? undefined : "w";
  const beside = [weight, part].filter((column) => column !== undefined);
  const shown = labelled("rows", [base, ...values, ...beside].join(", "), rules, columns);
  if (shown === undefined) refuseWithoutLabels(plan);
  if (weight !== undefined) await checkWeights(reading, plan.columns.weight as string);
  return shown && { ...shown, features, ...given({ weight, anonymous, part }) };
}

/** What belongs to a row shown would be dropped in silence where the rows are no impressions. */
function refuseWithoutLabels({ columns, features }: Plan): void {
  const typed = [...features].find(([, spec]) => spec !== null)?.[0];
  const what = columns.weight === undefined ? typed : columns.weight;
  if (what === undefined) return;
  throw problem(
    "usage",
    `${what} belongs to rows with labels, and there are none`,
    "columns",
    "name label=…, or give features of users and items in files of their own: --users, --items",
  );
}

async function checkWeights({ db }: Reading, column: string): Promise<void> {
  const [row = []] = await db.rows("SELECT count(*) FILTER (WHERE w < 0), min(w), max(w) FROM rows");
  const [below, least, most] = row.map(Number);
  if (below === 0 && most !== 0) return;
  const what = below === 0 ? "every weight is 0" : `${below} weights are below 0, such as ${least}`;
  throw problem("invalid-input", what, column, "give what a row counts for: numbers from 0");
}

function categoriesOf({ category }: ColumnNames): FeatureSource[] {
  if (!category) return [];
  const relation = "(SELECT i AS key, unnest(string_split(c, '|')) AS value FROM rows)";
  return [{ entity: "item", name: "category", kind: "multi-hot", relation }];
}

/** What a layout says of its columns, so that nobody need name them. */
export interface Told {
  readonly columns: ColumnNames;
  /** Sides without ids. */
  readonly anonymous?: readonly AnonymousSide[];
  /** A column of the table with the part that a row came in: 0 trains, 1 validates, 2 is tested. */
  readonly part?: string;
}

export type AnonymousSide = "user" | "item";

/** Gives each row without a user one of its own, by its place among all rows in order; without an item all have the same. */
async function nameRows({ db }: Reading, anonymous: readonly AnonymousSide[]): Promise<void> {
  if (anonymous.includes("user")) {
    const columns = (await db.rows("DESCRIBE rows")).map(([column]) => name(String(column))).join(", ");
    await db.run(
      `CREATE TABLE named AS SELECT *, CAST(row_number() OVER (ORDER BY ${columns}) AS BIGINT) AS u FROM rows; DROP TABLE rows; ALTER TABLE named RENAME TO rows`,
    );
  }
  if (anonymous.includes("item")) await db.run("ALTER TABLE rows ADD COLUMN i BIGINT DEFAULT 0");
}

/** In SQL the parts in which the target's pairs came; those of the training part need not be said. */
const givenOf = (part: string): string => `(SELECT ${part} AS part, u, i FROM rows WHERE ${part} > 0)`;

/** Any table with one row an event or impression, which `readRows` makes of the columns wanted and the files in `input`. */
export async function readTable(
  reading: Reading,
  readRows: ReadRows,
  input: readonly string[],
  told?: Told,
): Promise<Staged> {
  const { social, timeFormat } = reading.options;
  if (timeFormat !== undefined) await checkTimeFormat(reading.db, timeFormat);
  const plan = await planOf(reading, told);
  const { columns } = plan;
  await readRows(reading, plan.wanted, { input, table: "rows" });
  await nameRows(reading, told?.anonymous ?? []);
  const time = columns.time && (await secondsOf(reading, "rows", "t", columns.time));
  const base = `u, i, ${time ?? "NULL::DOUBLE"} AS t`;
  return {
    ...(await eventsOf(reading, plan, base)),
    timed: columns.time !== undefined,
    valued: columns.value !== undefined,
    features: [...categoriesOf(columns), ...(await readSides(reading, columns))],
    ...given({
      category: columns.category && "category",
      impressions: await impressionsOf(reading, plan, base, told),
      given: told?.part === undefined ? undefined : givenOf(told.part),
      social: social === undefined ? undefined : await readLinks(reading, social, "links"),
    }),
  };
}
