import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../errors.js";
import type { Context, FeatureSource, Staged } from "../prepare/context.js";
import { headerOf, readDelimited, type Column } from "../prepare/delimited.js";
import { name } from "../prepare/duck.js";
import { firstLines } from "../prepare/lines.js";
import { checkFile } from "../prepare/sources.js";
import { onlyInput } from "./inputs.js";
import { labelled } from "./labels.js";

interface Field {
  readonly name: string;
  readonly type: "token" | "token_seq" | "float" | "float_seq";
}

/** Reads one atomic file, typed header and all, into a table with its own column names. */
async function readAtomic(
  context: Context,
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
    context,
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

/**
 * RecBole's atomic files: `.inter` (user_id, item_id, rating or another float, timestamp), and where present `.item` and
 * `.user` (features by type; token_seq is multi-hot), `.link` (item_id, entity_id: an item feature), `.net` (source_id,
 * target_id: social links). A genre-like item column serves as the category.
 */
export async function readRecbole(context: Context): Promise<Staged> {
  const prefix = await prefixOf(onlyInput(context, "DIR or PREFIX"));
  const has = async (ending: string): Promise<boolean> =>
    (await stat(prefix + ending).catch(() => undefined)) !== undefined;
  const inter = await readAtomic(context, `${prefix}.inter`, "inter", ["user_id", "item_id"]);
  const time = inter.find((field) => field.name === "timestamp")?.name;
  const floats = inter.filter((field) => field.type === "float" && field.name !== time);
  const value = (floats.find((field) => field.name === "rating") ?? floats[0])?.name;
  const rows = `user_id AS u, item_id AS i, ${time ? `"timestamp"` : "NULL::DOUBLE"} AS t`;
  const features: FeatureSource[] = [];
  for (const entity of ["user", "item"] as const) {
    if (!(await has(`.${entity}`))) continue;
    const key = `${entity}_id`;
    const fields = await readAtomic(context, `${prefix}.${entity}`, `${entity}_side`, [key]);
    features.push(...featuresOf(entity, `${entity}_side`, key, fields));
  }
  if (await has(".link")) {
    const fields = await readAtomic(context, `${prefix}.link`, "link_side", ["item_id"]);
    features.push(...featuresOf("item", "link_side", "item_id", fields));
  }
  const social = await has(".net");
  if (social) await readAtomic(context, `${prefix}.net`, "net", ["source_id", "target_id"]);
  const category = features.find((feature) => feature.entity === "item" && categoryNames.test(feature.name))?.name;
  const { labels } = context.options;
  return {
    behaviors: ["interaction"],
    raw: `(SELECT 0::UTINYINT AS b, ${rows}, ${value ? name(value) : "NULL::DOUBLE"} AS v FROM inter)`,
    timed: time !== undefined,
    valued: value !== undefined,
    features,
    ...(category === undefined ? {} : { category }),
    ...(social ? { social: "(SELECT source_id AS l, target_id AS r FROM net)" } : {}),
    ...(labels?.length
      ? {
          impressions: labelled(
            "inter",
            rows,
            labels,
            inter.map((field) => field.name),
          ),
        }
      : {}),
  };
}
