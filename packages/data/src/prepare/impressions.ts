import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import type { ImpressionSource, Staged } from "../formats/reader.js";
import type { ImpressionCounts, Manifest, ManifestFeature, Split } from "../set/manifest.js";
import { written, type Output } from "../set/output.js";
import { record } from "../set/record.js";
import { name } from "../tables/duck.js";
import { heldFeature } from "./after.js";
import type { Context } from "./context.js";
import { encode } from "./encode.js";
import { isPartitioned, writePartitions } from "./partitions.js";
import { writeDictionary } from "./sides.js";
import { assignParts, needTimes, partAt, randomPart, type Cut } from "./split.js";

type Written = NonNullable<Manifest["tables"]["impressions"]>;

/** How the target's pairs were parted. */
export interface Parting {
  readonly split: Split;
  readonly cut: Cut | undefined;
}

/**
 * Who tells the part of a row of `relation` (u, i, t): `part`, SQL over a row `s` and what `join` joins to it. By its own time where that decides, else
 * by the part of its pair.
 */
async function partOf(
  context: Context,
  staged: Staged,
  relation: string,
  { target, split, cut }: Parting & { readonly target: number },
): Promise<{ readonly part: string; readonly join: string }> {
  const { db } = context;
  if (cut && split.kind === "time") {
    await needTimes(context, relation, split);
    return { part: partAt(cut, "s.t"), join: "" };
  }
  const join = `LEFT JOIN behavior_${target} held ON held.u = s.u AND held.i = s.i`;
  if (split.kind === "given") return { part: "coalesce(held.part, 0::UTINYINT)", join };
  await db.run(
    `CREATE TABLE shown_rest AS SELECT u, i, max(t) AS t FROM ${relation} ANTI JOIN behavior_${target} USING (u, i) GROUP BY u, i`,
  );
  if (split.kind === "random") {
    const rest = await randomPart(context, "shown_rest", split, 1);
    await db.run("DROP TABLE shown_rest");
    return { part: `coalesce(held.part, ${rest("s")})`, join };
  }
  const rest = await assignParts(context, "shown_rest", split, staged.timed, 1);
  await db.run(
    `CREATE TABLE shown_parts AS SELECT u, i, part FROM behavior_${target} UNION ALL SELECT u, i, part FROM ${rest}`,
  );
  await db.run("DROP TABLE shown_rest");
  return { part: "held.part", join: "JOIN shown_parts held ON held.u = s.u AND held.i = s.i" };
}

/** A value in SQL; a row that has none is missing it. */
const valueSql: Readonly<Record<ManifestFeature["kind"], (x: string) => string>> = {
  "one-hot": (x) => `coalesce(${x}, 0)::INTEGER`,
  "multi-hot": (x) => `coalesce(${x}, [])::INTEGER[]`,
  numerical: (x) => x,
};

/** The columns of the impressions' own features, and what joins them to the rows `s`. */
async function ownFeatures(context: Context, output: Output, source: ImpressionSource, shown: string) {
  const features: ManifestFeature[] = [];
  const joins: string[] = [];
  const selected: string[] = [];
  for (const [k, { name: label, kind, column, coding }] of source.features.entries()) {
    const out = `feature_${k}`;
    const held = heldFeature(context, { entity: "impression", name: label, kind }, coding?.encoding);
    if (coding !== undefined) {
      const base = output.base("feature.impression", label);
      const asked = { name: label, rows: shown, column, trained: "part = 0", base, held };
      const { value, join, vocabulary, encoding, values } = await encode(context, output, coding, asked);
      if (join !== undefined) joins.push(join);
      selected.push(`${valueSql[kind](value)} AS ${out}`);
      features.push({
        entity: "impression",
        name: label,
        kind,
        vocabulary,
        source: out,
        ...given({ values }),
        encoding,
      });
      continue;
    }
    if (kind === "numerical") {
      selected.push(`CAST(s.${name(column)} AS DOUBLE) AS ${out}`);
      features.push({ entity: "impression", name: label, kind, vocabulary: 0, source: out });
      continue;
    }
    const values = `${output.base("feature.impression", label)}.values.parquet`;
    const relation = `(SELECT ${name(column)} AS value FROM ${shown})`;
    const { table, vocabulary } = await writeDictionary(context, output, { relation, file: values, held });
    joins.push(`LEFT JOIN ${table} d${k} ON d${k}.key = CAST(s.${name(column)} AS VARCHAR)`);
    selected.push(`coalesce(d${k}.id, 0)::INTEGER AS ${out}`);
    features.push({ entity: "impression", name: label, kind, vocabulary, source: out, values });
  }
  return { features, joins, selected };
}

async function countRows(
  { db }: Context,
  relation: string,
  tasks: readonly string[],
): Promise<Omit<ImpressionCounts, "rows">> {
  const parts = [0, 1, 2].map((part) => `count(*) FILTER (part = ${part})`);
  const labels = tasks.map((_, k) => `count(label_${k}), count(*) FILTER (label_${k} = 1)`);
  const [row = []] = await db.rows(`SELECT ${[...parts, ...labels].join(", ")} FROM ${relation}`);
  const [train = 0, valid = 0, test = 0, ...counts] = row.map(Number);
  const count = (k: number) => ({ known: counts[2 * k] ?? 0, positive: counts[2 * k + 1] ?? 0 });
  return { train, valid, test, labels: record(tasks.map((task, k) => [task, count(k)])) };
}

/** The rows shown with their parts, in SQL: they stay in the source's files or table. */
export interface Shown {
  /** `u`, `i`, `t`, `part` and the source's columns. */
  readonly parts: string;
  /** The same without `u` and `i`, where nothing else need be looked up for that: cheap to go through for each feature. */
  readonly values: string;
  readonly negatives?: NonNullable<ImpressionCounts["negatives"]>;
}

/**
 * Says which part each of the rows shown is in. A split by time parts each row by its own time, at the moments that part the target. By any other, all
 * rows of a pair are in one part: the target's pairs keep the part they have as pairs, the others are split by the same rule.
 */
export async function stageImpressions(
  context: Context,
  staged: Staged & { readonly impressions: ImpressionSource },
  target: number,
  parting: Parting,
): Promise<Shown> {
  const { impressions: source } = staged;
  const { core, minUser, minItem, keepNegatives } = context.resolved;
  context.progress("split", "impressions");
  const own = [...source.tasks, ...source.features].map(({ column }) => name(column));
  const beside = source.weight === undefined ? [] : [name(source.weight)];
  const given = parting.split.kind === "given" && source.part !== undefined ? [`${name(source.part)} AS part`] : [];
  const columns = [...own, ...beside, ...given].map((column) => `, s.${column}`).join("");
  const numbered = `(SELECT users.id AS u, items.id AS i, CAST(s.t AS DOUBLE) AS t${columns} FROM ${source.relation} s
    JOIN users ON users.key = s.u JOIN items ON items.key = s.i)`;
  const told = given.length > 0 ? undefined : await partOf(context, staged, numbered, { target, ...parting });
  const parted = (of: string): string =>
    told === undefined ? of : `(SELECT s.*, ${told.part} AS part FROM ${of} s ${told.join})`;
  const kept = await keepSome(context, parted(numbered), source);
  // Where nobody is filtered out, the source's rows are all of them.
  const all = core === 0 && minUser === 0 && minItem === 0 && keepNegatives === undefined;
  const byItself = all && (told?.join ?? "") === "";
  const bare = `(SELECT CAST(s.t AS DOUBLE) AS t${columns} FROM ${source.relation} s)`;
  return { ...kept, values: byItself ? parted(bare) : kept.parts };
}

/** Of the training rows without a positive label only some, where that is asked for: chosen by a hash of the row. */
async function keepSome(
  { db, resolved }: Context,
  parts: string,
  { tasks }: ImpressionSource,
): Promise<Omit<Shown, "values">> {
  const rate = resolved.keepNegatives;
  if (rate === undefined) return { parts };
  const positive = tasks.map(({ column }) => `coalesce(${name(column)} = 1, false)`).join(" OR ");
  const negative = `part = 0 AND NOT (${positive})`;
  const chosen = `hash(u, i, t, ${resolved.seed}::BIGINT, 3) % 1000000 < ${Math.round(rate * 1e6)}`;
  const some = `(SELECT * FROM ${parts} WHERE NOT (${negative}) OR ${chosen})`;
  const [row = []] = await db.rows(
    `SELECT count(*) FILTER (${chosen}), count(*) FILTER (NOT (${chosen})) FROM ${parts} WHERE ${negative}`,
  );
  const [kept = 0, dropped = 0] = row.map(Number);
  if (kept > 0) return { parts: some, negatives: { kept, dropped, rate, ...(await coveringOf(db, parts, tasks)) } };
  const what = `of ${dropped} training rows without a positive label none is kept`;
  throw problem("usage", what, `\`keepNegatives\` ${rate}`, "keep more of them");
}

/** The label that is 1 in every training row in which any is. */
async function coveringOf(
  db: Context["db"],
  parts: string,
  tasks: ImpressionSource["tasks"],
): Promise<{ readonly covers?: string }> {
  const ones = tasks.map(({ column }) => `coalesce(${name(column)} = 1, false)`);
  const counts = [ones.join(" OR "), ...ones].map((one) => `count(*) FILTER (${one})`);
  const [[any, ...own] = []] = await db.rows(`SELECT ${counts.join(", ")} FROM ${parts} WHERE part = 0`);
  const covering = tasks.find(({ space }, k) => space === undefined && own[k] === any);
  return covering === undefined ? {} : { covers: covering.name };
}

/** Writes the impressions: `user`, `item`, `part`, `time`, `weight`, `label_0` … (0, 1 or NULL) and the impression's own features. */
export async function writeImpressions(
  context: Context,
  output: Output,
  { impressions: source, timed }: Staged & { readonly impressions: ImpressionSource },
  { parts, values, negatives }: Shown,
): Promise<{ impressions: Written; features: ManifestFeature[] }> {
  const own = await ownFeatures(context, output, source, values);
  const labels = source.tasks.map(({ column }, k) => `CAST(s.${name(column)} AS UTINYINT) AS label_${k}`);
  const selected = [
    `s.u AS "user"`,
    "s.i AS item",
    "s.part",
    ...(timed ? ["s.t AS time"] : []),
    ...(source.weight === undefined ? [] : [`CAST(s.${name(source.weight)} AS FLOAT) AS weight`]),
    ...labels,
    ...own.selected,
  ];
  const query = `SELECT ${selected.join(", ")} FROM ${parts} s ${own.joins.join(" ")}`;
  const { relation, ...placed } = await writeRows(context, output, query);
  const tasks = source.tasks.map((task) => task.name);
  const counts = await countRows(context, relation, tasks);
  const spaces = source.tasks.flatMap(({ name: task, space }) => (space === undefined ? [] : [[task, space] as const]));
  await refuseEmpty(context, relation, source.tasks);
  const said = given({
    spaces: spaces.length === 0 ? undefined : record(spaces),
    weighted: source.weight === undefined ? undefined : (true as const),
    anonymous: source.anonymous,
    negatives,
  });
  const rows = counts.train + counts.valid + counts.test;
  return { impressions: { rows, ...counts, ...placed, tasks, timed, ...said }, features: own.features };
}

/** Writes the rows as one file, or several where that is asked for; where they are, and a relation of all of them. */
async function writeRows(context: Context, output: Output, query: string) {
  if (isPartitioned(context)) return writePartitions(context, output, query);
  const file = "impressions.parquet";
  await output.write(file, `${query} ORDER BY ALL`);
  return { relation: written(output, file), file };
}

/** Refuses a label that no training row has, where its space is to blame: there would be nothing to learn from. */
async function refuseEmpty({ db, after }: Context, relation: string, tasks: ImpressionSource["tasks"]): Promise<void> {
  if (after !== undefined) return;
  for (const [k, { name: task, space }] of tasks.entries()) {
    if (space === undefined) continue;
    const known = await db.number(`SELECT count(label_${k}) FROM ${relation} WHERE part = 0`);
    if (known > 0) continue;
    const what = `the space of ${task} is empty: no training row has ${space} = 1 and a label of ${task}`;
    throw problem("invalid-input", what, `${task}@${space}`, "check the labels, or name the label without a space");
  }
}
