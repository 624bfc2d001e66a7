import { isDeepStrictEqual } from "node:util";
import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import type { Encoding } from "../set/encoding.js";
import type { ManifestFeature } from "../set/manifest.js";
import { readManifest } from "../set/manifest-file.js";
import { parquetAt } from "../tables/duck.js";
import type { After, Context } from "./context.js";

export async function readAfter(folder: string | undefined): Promise<After | undefined> {
  if (folder === undefined) return undefined;
  const manifest = await readManifest(folder);
  if (manifest.tables.users !== "") return { folder, manifest };
  throw problem(
    "usage",
    "its ids are numbers already, and nothing says of what",
    folder,
    "give a set that was prepared",
  );
}

/** A relation `id`, `key` of the set before; undefined where there is none. */
export const heldKeys = ({ after }: Context, file: string | undefined): string | undefined =>
  after === undefined || file === undefined ? undefined : parquetAt(`${after.folder}/${file}`);

/** Numbered in the order of their keys, numbers as numbers. */
export const byKey = (type: "BIGINT" | "DOUBLE"): string => `TRY_CAST(key AS ${type}) NULLS LAST, key`;

/**
 * Makes a table of `id` and `key` (and, behind a set, `label`: the key as text): keys of `held` with their numbers, then those of `keys`, a relation of
 * distinct `key`, in the order of `order`, numbered from `first`.
 */
export async function numberKeys(
  { db }: Context,
  {
    table,
    keys,
    held,
    first,
    order,
  }: Readonly<Record<"table" | "keys" | "order", string>> & {
    readonly held: string | undefined;
    readonly first: 0 | 1;
  },
): Promise<void> {
  const numbered = (from: string, rest: string): string =>
    `SELECT CAST(${from} + row_number() OVER (ORDER BY ${order}) - 1 AS INTEGER) AS id, key${rest}`;
  if (held === undefined) return db.run(`CREATE TABLE ${table} AS ${numbered(String(first), "")} FROM ${keys}`);
  const [[, type] = []] = await db.rows(`DESCRIBE SELECT key FROM ${keys}`);
  const typed = `TRY_CAST(key AS ${String(type)})`;
  // A key that the type has no room for is none of these rows', and keeps its number.
  await db.run(`CREATE TABLE ${table} AS WITH held AS MATERIALIZED
    (SELECT CAST(id AS INTEGER) AS id, CASE WHEN CAST(${typed} AS VARCHAR) = key THEN ${typed} END AS key, key AS label FROM ${held})
    SELECT * FROM held UNION ALL
    ${numbered(`(SELECT coalesce(max(id) + 1, ${first}) FROM held)`, ", CAST(key AS VARCHAR) AS label")} FROM (SELECT key FROM ${keys} ANTI JOIN held USING (key))`);
}

/** The feature of that name in the set before; undefined where there is no such set. Refuses one that was read in another way. */
export function heldFeature(
  { after }: Context,
  { entity, name, kind }: Pick<ManifestFeature, "entity" | "name" | "kind">,
  encoding?: Encoding,
): ManifestFeature | undefined {
  if (after === undefined) return undefined;
  const found = after.manifest.tables.features.find((one) => one.entity === entity && one.name === name);
  const same = found?.kind === kind && isDeepStrictEqual(asked(found.encoding), asked(encoding));
  if (found !== undefined && same) return found;
  const what = found === undefined ? `it has no feature ${name}` : `its feature ${name} was read in another way`;
  throw problem("usage", what, after.folder, "prepare both with the same schema");
}

/** What was asked for, without what was learnt. */
const asked = (encoding: Encoding | undefined): object => given({ ...encoding, bounds: undefined, unknown: undefined });

/** Refuses a set before with features that this one lacks: a model of that one would miss them. */
export function requireAll({ after }: Context, features: readonly ManifestFeature[]): void {
  const lost = after?.manifest.tables.features.find(
    ({ entity, name }) => !features.some((one) => one.entity === entity && one.name === name),
  );
  if (after === undefined || lost === undefined) return;
  throw problem(
    "usage",
    `its feature ${lost.name} is none of these rows'`,
    after.folder,
    "prepare both with the same schema",
  );
}
