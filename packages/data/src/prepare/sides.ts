import { given } from "@gradpool/core";
import type { Coding } from "../features/stage.js";
import type { ManifestFeature } from "../set/manifest.js";
import type { FeatureSource, Staged } from "../formats/reader.js";
import type { Context } from "./context.js";
import { byKey, heldFeature, heldKeys, numberKeys } from "./after.js";
import { name } from "../tables/duck.js";
import { encode } from "./encode.js";
import type { Output } from "../set/output.js";

/** Numbers the distinct values of `relation`'s `value` from 1 (0 is "missing") in table `dictionary`, and writes it; those of `held` have their numbers. */
export async function writeDictionary(
  context: Context,
  output: Output,
  {
    relation,
    file,
    held,
  }: { readonly relation: string; readonly file: string; readonly held: ManifestFeature | undefined },
): Promise<{ table: string; vocabulary: number }> {
  const table = context.fresh("dictionary");
  const keys = `(SELECT DISTINCT CAST(value AS VARCHAR) AS key FROM ${relation} WHERE value IS NOT NULL AND CAST(value AS VARCHAR) <> '')`;
  await numberKeys(context, { table, keys, held: heldKeys(context, held?.values), first: 1, order: byKey("DOUBLE") });
  const rows = await output.write(file, `SELECT id, key FROM ${table} ORDER BY id`);
  return { table, vocabulary: rows + 1 };
}

/** Writes one feature of users or items: columns `id` (dense) and `value` (a number, or the value's place in the dictionary). */
export async function writeFeature(
  context: Context,
  output: Output,
  feature: FeatureSource,
  trained: string,
): Promise<ManifestFeature> {
  const { entity, name: label, kind, coding } = feature;
  const owners = entity === "user" ? "users" : "items";
  if (coding !== undefined) return writeCoded(context, output, { ...feature, coding }, owners, trained);
  const table = context.fresh("feature");
  // Unique before they become text: the relation may have a row an event.
  await context.db
    .run(`CREATE TABLE ${table} AS SELECT id, CAST(value AS VARCHAR) AS value FROM (SELECT DISTINCT o.id, f.value
    FROM ${feature.relation} f JOIN ${owners} o ON o.key = f.key) WHERE value IS NOT NULL AND CAST(value AS VARCHAR) <> ''`);
  const base = output.base(`feature.${entity}`, label);
  const source = `${base}.parquet`;
  const held = heldFeature(context, feature);
  if (kind === "numerical") {
    await output.write(
      source,
      `SELECT id, min(TRY_CAST(value AS DOUBLE)) AS value FROM ${table} GROUP BY id HAVING min(TRY_CAST(value AS DOUBLE)) IS NOT NULL ORDER BY id`,
    );
    return { entity, name: label, kind, vocabulary: 0, source };
  }
  const values = `${base}.values.parquet`;
  const asked = { relation: table, file: values, held };
  const { table: dictionary, vocabulary } = await writeDictionary(context, output, asked);
  const coded = `SELECT f.id, d.id AS value FROM ${table} f JOIN ${dictionary} d ON d.key = f.value`;
  // An item listed under several values of a one-valued feature keeps the first in the dictionary's order.
  const query =
    kind === "one-hot"
      ? `SELECT id, min(value) AS value FROM (${coded}) GROUP BY id ORDER BY id`
      : `${coded} ORDER BY f.id, d.id`;
  await output.write(source, query);
  return { entity, name: label, kind, vocabulary, source, values };
}

/** The same of a feature with a coding; `trained`: relation of the owners (`r`) that it is learnt from. */
async function writeCoded(
  context: Context,
  output: Output,
  { entity, name: label, kind, relation, coding }: FeatureSource & { readonly coding: Coding },
  owners: "users" | "items",
  trained: string,
): Promise<ManifestFeature> {
  const table = context.fresh("feature");
  await context.db.run(`CREATE TABLE ${table} AS SELECT o.id AS r, f.value FROM ${relation} f
    JOIN ${owners} o ON CAST(o.key AS VARCHAR) = CAST(f.key AS VARCHAR)`);
  const all = await context.db.number(`SELECT count(*) FROM ${owners}`);
  const met = await context.db.number(`SELECT count(DISTINCT r) FROM ${table}`);
  if (met < all)
    context.note(`${all - met} of ${all} ${owners} have no row in the file of ${owners}: their features are missing`);
  const base = output.base(`feature.${entity}`, label);
  const held = heldFeature(context, { entity, name: label, kind }, coding.encoding);
  const asked = { name: label, rows: table, column: "value", trained: `r IN (SELECT r FROM ${trained})`, base, held };
  const { value, join = "", vocabulary, encoding, values } = await encode(context, output, coding, asked);
  const source = `${base}.parquet`;
  const numbered = `SELECT DISTINCT s.r AS id, ${kind === "multi-hot" ? `unnest(${value})` : value} AS value FROM ${table} s ${join}`;
  await output.write(source, `SELECT * FROM (${numbered}) WHERE value IS NOT NULL ORDER BY id, value`);
  return { entity, name: label, kind, vocabulary, source, ...given({ values }), encoding };
}

/** Writes unique links among users or items, both ends kept, none to itself: columns `left`, `right`. */
export async function writeLinks(
  output: Output,
  owners: "users" | "items",
  relation: string,
  file: string,
): Promise<number> {
  const end = (side: string): string =>
    `JOIN ${owners} ${side}o ON CAST(${side}o.key AS VARCHAR) = CAST(s.${side} AS VARCHAR)`;
  return output.write(
    file,
    `SELECT DISTINCT lo.id AS "left", ro.id AS "right" FROM ${relation} s ${end("l")} ${end("r")} WHERE lo.id <> ro.id ORDER BY 1, 2`,
  );
}

/** Every pair file of every behaviour, with the optional columns only where something is in them. */
export async function writeBehavior(
  context: Context,
  output: Output,
  staged: Staged,
  index: number,
  isTarget: boolean,
): Promise<{ name: string; files: Record<string, string>; timed: boolean; valued: boolean }> {
  const table = name(`behavior_${index}`);
  const has = (column: string): string => `EXISTS (FROM ${table} WHERE ${column} IS NOT NULL)`;
  const [found] = await context.db.rows(`SELECT ${has("t")}, ${has("v")}`);
  const [timed, valued] = found as [boolean, boolean];
  const behavior = staged.behaviors[index] as string;
  const columns = `u AS "user", i AS item${timed ? ", t AS time" : ""}${valued ? ", v AS value" : ""}`;
  const files: Record<string, string> = {};
  const base = output.base("pairs", behavior);
  for (const [part, label] of (isTarget ? ["train", "valid", "test"] : ["train"]).entries()) {
    const file = `${base}.${label}.parquet`;
    await output.write(file, `SELECT ${columns} FROM ${table} WHERE part = ${part} ORDER BY u, i`);
    files[label] = file;
  }
  return { name: behavior, files, timed, valued };
}
