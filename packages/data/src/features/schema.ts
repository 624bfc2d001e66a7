import { readFile } from "node:fs/promises";
import { given } from "@gradpool/core";
import { writeWhole } from "@gradpool/files";
import { problem } from "../errors.js";
import { checkFeature, type FeatureSpecs } from "./spec.js";

/** The form of `schema.json`: what the columns of a table are. `gradpool inspect` writes a first guess of it. */
export interface Schema {
  readonly user?: string;
  readonly item?: string;
  readonly behavior?: string;
  /** `conv@click`: a label that counts where `click` is 1. */
  readonly label?: readonly string[];
  readonly time?: string;
  readonly value?: string;
  readonly category?: string;
  /** What a row counts for in the losses. */
  readonly weight?: string;
  /** Texts that say nothing, in every feature that does not say its own. */
  readonly missing?: readonly string[];
  readonly features?: FeatureSpecs;
  /** Of the files of users and items: the column of their ids (default: as the log calls it), and their features. */
  readonly users?: SideSchema;
  readonly items?: SideSchema;
}

export interface SideSchema {
  readonly id?: string;
  readonly features: FeatureSpecs;
}

const texts = ["user", "item", "behavior", "time", "value", "category", "weight"] as const;
const lists = ["label", "missing"] as const;
const known: readonly string[] = [...texts, ...lists, "features", "users", "items"];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A schema that was checked, from any JSON value; `where` names it in errors. */
export function checkSchema(value: unknown, where: string): Schema {
  const wrong = (what: string, remedy: string) => problem("usage", what, where, remedy);
  if (!isObject(value)) throw wrong("the schema is no object", "write one with `gradpool inspect FILE`");
  for (const [key, held] of Object.entries(value)) {
    if (!known.includes(key)) throw wrong(`the schema has "${key}"`, `it takes ${known.join(", ")}`);
    const isText = typeof held === "string" && held !== "";
    if ((texts as readonly string[]).includes(key) && !isText)
      throw wrong(`${key} is ${JSON.stringify(held)}`, "give a column's name");
    const isList = Array.isArray(held) && held.every((one) => typeof one === "string");
    if ((lists as readonly string[]).includes(key) && !isList)
      throw wrong(`${key} is ${JSON.stringify(held)}`, "give a list of texts");
  }
  const schema = value as Schema;
  const { missing } = schema;
  const side = (name: "users" | "items"): SideSchema | undefined => {
    const held = schema[name];
    if (held === undefined) return undefined;
    if (
      !isObject(held) ||
      !isObject(held.features) ||
      Object.keys(held).some((key) => key !== "id" && key !== "features")
    )
      throw wrong(`${name} is ${JSON.stringify(held).slice(0, 60)}`, 'give {"id": COLUMN, "features": {…}}');
    return { ...held, features: featuresOf(held.features, missing, `${where}, ${name}`) };
  };
  return {
    ...schema,
    ...given({
      features: schema.features && featuresOf(schema.features, missing, where),
      users: side("users"),
      items: side("items"),
    }),
  };
}

function featuresOf(features: unknown, missing: readonly string[] | undefined, where: string): FeatureSpecs {
  if (!isObject(features)) throw problem("usage", "features is no object", where, 'give {"NAME": {"type": …}, …}');
  return Object.fromEntries(
    Object.entries(features).map(([name, spec]) => {
      const checked = checkFeature(name, spec, where);
      return [name, missing === undefined ? checked : { missing, ...checked }];
    }),
  );
}

/** Writes `schema.json`, whole or not at all, for {@link readSchema}. */
export const writeSchema = (schema: Schema, path: string): void =>
  writeWhole(path, `${JSON.stringify(schema, null, 2)}\n`);

/** Reads `schema.json`. Errors: `not-found`, `usage` with what does not fit. */
export async function readSchema(path: string): Promise<Schema> {
  const written = await readFile(path, "utf8").catch((error: unknown) => {
    throw problem("not-found", "there is no schema", path, "write one with `gradpool inspect FILE`", error);
  });
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    throw problem("usage", `the schema is no JSON: ${(error as Error).message}`, path, "correct it", error);
  }
  return checkSchema(value, path);
}
