import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { headerOf, readDelimited, type Column } from "../tables/delimited.js";
import { name } from "../tables/duck.js";
import { firstLines } from "../tables/lines.js";
import { checkFile } from "../tables/sources.js";
import { onlyInput } from "./inputs.js";
import { labelled } from "./labels.js";
import type { DataFormat, FeatureSource, Reading } from "./reader.js";

interface Field {
  readonly name: string;
  readonly type: "token" | "token_seq" | "float" | "float_seq";
}

/** Reads one atomic file, typed header and all, into a table with its own column names. */
async function readAtomic(
  reading: Reading,
  path: string,
  table: string,
  required: readonly string[],
): Promise<readonly Field[]> {
  const [first] = await firstLines(await checkFile(path), 1);
  const delimiter = first?.includes("\t") || !first?.includes(",") ? "\t" : ",";
  const fields = headerOf(first, delimiter, path).map((column): Field => {
    const match = /^(.+):(token|token_seq|float|float_seq)$/.exec(column);
    if (!match) {
      const remedy = "name every column NAME:token, :token_seq, :float or :float_seq";
      throw problem("invalid-input", `the column "${column}" has no type`, `${path}:1`, remedy);
    }
    return { name: match[1] as string, type: match[2] as Field["type"] };
  });
  for (const field of required) {
    if (!fields.some((present) => present.name === field)) {
      const what = `there is no column ${field}`;
      throw problem("invalid-input", what, `${path}:1`, `the header names ${fields.map((f) => f.name).join(", ")}`);
    }
  }
  const columns = fields.map((field): Column => ({
    name: field.name,
    type: field.type === "float" ? "DOUBLE" : "VARCHAR",
    required: required.includes(field.name),
  }));
  await readDelimited(
    reading,
    [path],
    { columns, delimiter, header: true, unquoted: true },
    table,
    "*",
    required.map(name),
  );
  return fields;
}

const categoryNames = /^(class|genres?|categor(y|ies)|tags?)$/i;

function featuresOf(entity: "user" | "item", table: string, key: string, fields: readonly Field[]): FeatureSource[] {
  return fields
    .filter((field) => field.name !== key && field.type !== "float_seq")
    .map((field) => {
      const column = name(field.name);
      const many = field.type === "token_seq";
      const value = many ? `unnest(string_split(${column}, ' '))` : column;
      return {
        entity,
        name: field.name,
        kind: many ? "multi-hot" : field.type === "float" ? "numerical" : "one-hot",
        relation: `(SELECT ${name(key)} AS key, ${value} AS value FROM ${table})`,
      };
    });
}

/** The prefix of the atomic files: as given, or that of the folder's only `.inter` file. */
async function prefixOf(path: string): Promise<string> {
  const folder = await stat(path).catch(() => undefined);
  if (!folder?.isDirectory()) return path.replace(/\.inter$/, "");
  const found = (await readdir(path)).filter((file) => file.endsWith(".inter"));
  if (found.length !== 1) {
    const what = found.length === 0 ? "there is no .inter file" : `there are ${found.length} .inter files`;
    throw problem("not-found", what, path, "give the path up to the ending, e.g. ml-100k/ml-100k");
  }
  return join(path, (found[0] as string).slice(0, -".inter".length));
}

type Ending = ".user" | ".item" | ".link";

/** Features of users or items from a file beside the `.inter`. */
async function readSide(reading: Reading, prefix: string, ending: Ending): Promise<readonly FeatureSource[]> {
  const [entity, table] =
    ending === ".user" ? (["user", "user_side"] as const) : (["item", `${ending.slice(1)}_side`] as const);
  const key = `${entity}_id`;
  return featuresOf(entity, table, key, await readAtomic(reading, `${prefix}${ending}`, table, [key]));
}

/**
 * RecBole's atomic files: `.inter` (user_id, item_id, rating or another float, timestamp), and where present `.item` and
 * `.user` (features by type; token_seq is multi-hot), `.link` (item_id, entity_id: an item feature), `.net` (source_id,
 * target_id: social links). A genre-like item column serves as the category.
 */
export const recbole: DataFormat = {
  name: "recbole",
  takes: { input: "DIR|PREFIX", labels: "NAME=COLUMN>=N" },
  describe: ".inter, .item, .user, .link, .net",
  async read(reading) {
    const prefix = await prefixOf(onlyInput(reading, recbole));
    const has = async (ending: string): Promise<boolean> =>
      (await stat(prefix + ending).catch(() => undefined)) !== undefined;
    const inter = await readAtomic(reading, `${prefix}.inter`, "inter", ["user_id", "item_id"]);
    const time = inter.find((field) => field.name === "timestamp")?.name;
    const floats = inter.filter((field) => field.type === "float" && field.name !== time);
    const value = (floats.find((field) => field.name === "rating") ?? floats[0])?.name;
    const rows = `user_id AS u, item_id AS i, ${time ? `"timestamp"` : "NULL::DOUBLE"} AS t`;
    const features: FeatureSource[] = [];
    for (const ending of [".user", ".item", ".link"] as const) {
      if (await has(ending)) features.push(...(await readSide(reading, prefix, ending)));
    }
    const social = await has(".net");
    if (social) await readAtomic(reading, `${prefix}.net`, "net", ["source_id", "target_id"]);
    const columns = inter.map((field) => field.name);
    return {
      behaviors: ["interaction"],
      raw: `(SELECT 0::UTINYINT AS b, ${rows}, ${value ? name(value) : "NULL::DOUBLE"} AS v FROM inter)`,
      timed: time !== undefined,
      valued: value !== undefined,
      features,
      ...given({
        category: features.find((feature) => feature.entity === "item" && categoryNames.test(feature.name))?.name,
        social: social ? "(SELECT source_id AS l, target_id AS r FROM net)" : undefined,
        impressions: labelled("inter", rows, reading.options.labels, columns),
      }),
    };
  },
};
