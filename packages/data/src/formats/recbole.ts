import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { headerOf, peek, placeOf, readDelimited, type Layout } from "../tables/delimited.js";
import type { Column, Kind } from "../tables/kinds.js";
import { secondsOf } from "../tables/times.js";
import { onlyInput } from "./inputs.js";
import { labelled, parseRules, type Rule } from "./labels.js";
import type { DataFormat, FeatureSource, Reading } from "./reader.js";

interface Field {
  readonly name: string;
  readonly type: "token" | "token_seq" | "float" | "float_seq";
}

/** A file's fields; `column` is what each is called in the table, since names are free text. */
interface Atomic {
  readonly fields: readonly (Field & { readonly column: string })[];
}

function fieldOf(written: string, where: string): Field {
  const match = /^(.+):(token|token_seq|float|float_seq)$/.exec(written);
  if (match) return { name: match[1] as string, type: match[2] as Field["type"] };
  const remedy = "name every column NAME:token, :token_seq, :float or :float_seq";
  throw problem("invalid-input", `the column "${written}" has no type`, where, remedy);
}

/** What a column must hold: by its type, but for times, and what rules compare with numbers. */
function kindOf(field: Field, required: readonly string[], rules: readonly Rule[]): Kind {
  if (required.includes(field.name)) return "id";
  if (field.name === "timestamp" && field.type === "float") return "time";
  const compared = rules.some((rule) => rule.column === field.name && typeof rule.bound === "number");
  return field.type === "float" || (compared && field.type === "token") ? "number" : "text";
}

/** Reads one atomic file, typed header and all, into a table with columns `c0`, `c1`, …. */
async function readAtomic(
  reading: Reading,
  path: string,
  table: string,
  required: readonly string[],
  rules: readonly Rule[] = [],
): Promise<Atomic> {
  const [first] = await peek(reading, path, { delimiter: "\t", unquoted: true }, 1);
  const delimiter = first?.text.includes("\t") || !first?.text.includes(",") ? "\t" : ",";
  const header = headerOf(first && { ...first, text: first.text.replaceAll('"', "'") }, delimiter, path);
  const where = `${path}:${header.line}`;
  const fields = header.names.map((written, k) => ({ ...fieldOf(written, where), column: `c${k}` }));
  const names = { names: fields.map((field) => field.name), line: header.line };
  for (const field of required) {
    if (placeOf(names, field, path) !== undefined) continue;
    throw problem("invalid-input", `there is no column ${field}`, where, `the header names ${names.names.join(", ")}`);
  }
  const columns = fields.map((field, k): Column => {
    const kind = kindOf(field, required, rules);
    return { name: field.name, kind, as: `c${k}`, required: kind === "id" };
  });
  const layout: Layout = { columns, delimiter, header: header.line, unquoted: true };
  await readDelimited(reading, [path], layout, { table, select: "*" });
  return { fields };
}

/** The column called `name` in a table that must have it. */
const columnOf = ({ fields }: Atomic, field: string): string =>
  fields.find(({ name: called }) => called === field)?.column ?? "NULL";

const categoryNames = /^(class|genres?|categor(y|ies)|tags?)$/i;

function featuresOf(entity: "user" | "item", table: string, key: string, atomic: Atomic): FeatureSource[] {
  return atomic.fields
    .filter((field) => field.name !== key && field.type !== "float_seq")
    .map((field) => {
      const { column } = field;
      const many = field.type === "token_seq";
      const value = many ? `unnest(string_split(${column}, ' '))` : column;
      return {
        entity,
        name: field.name,
        kind: many ? "multi-hot" : field.type === "float" ? "numerical" : "one-hot",
        relation: `(SELECT ${columnOf(atomic, key)} AS key, ${value} AS value FROM ${table})`,
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
  takes: { input: "DIR|PREFIX", encoding: "NAME", labels: "NAME=COLUMN>=N" },
  describe: ".inter, .item, .user, .link, .net",
  async read(reading) {
    const prefix = await prefixOf(onlyInput(reading, recbole));
    const has = async (ending: string): Promise<boolean> =>
      (await stat(prefix + ending).catch(() => undefined)) !== undefined;
    const rules = parseRules(reading.options.labels);
    const inter = await readAtomic(reading, `${prefix}.inter`, "inter", ["user_id", "item_id"], rules);
    const time = inter.fields.find((field) => field.name === "timestamp" && field.type === "float");
    const floats = inter.fields.filter((field) => field.type === "float" && field !== time);
    const value = (floats.find((field) => field.name === "rating") ?? floats[0])?.column;
    const seconds = time && (await secondsOf(reading, "inter", time.column, "timestamp"));
    const rows = `${columnOf(inter, "user_id")} AS u, ${columnOf(inter, "item_id")} AS i, ${seconds ?? "NULL::DOUBLE"} AS t`;
    const features: FeatureSource[] = [];
    for (const ending of [".user", ".item", ".link"] as const) {
      if (await has(ending)) features.push(...(await readSide(reading, prefix, ending)));
    }
    const social = await has(".net");
    const net = social && (await readAtomic(reading, `${prefix}.net`, "net", ["source_id", "target_id"]));
    const columns = Object.fromEntries(
      inter.fields.map((field) => [field.name, field === time && seconds !== undefined ? seconds : field.column]),
    );
    return {
      behaviors: ["interaction"],
      raw: `(SELECT 0::UTINYINT AS b, ${rows}, ${value ?? "NULL::DOUBLE"} AS v FROM inter)`,
      timed: time !== undefined,
      valued: value !== undefined,
      features,
      ...given({
        category: features.find((feature) => feature.entity === "item" && categoryNames.test(feature.name))?.name,
        social: net
          ? `(SELECT ${columnOf(net, "source_id")} AS l, ${columnOf(net, "target_id")} AS r FROM net)`
          : undefined,
        impressions: labelled("inter", rows, rules, columns),
      }),
    };
  },
};
