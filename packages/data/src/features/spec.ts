import { problem } from "../errors.js";
import { timeParts, type Scale, type TimePart } from "../set/encoding.js";

/** What a feature is, as a schema or `--columns` says it. Vocabularies, moments and bounds are taken from training rows alone. */
export type FeatureSpec = {
  /** The source's column. Default: the feature's own name. */
  readonly column?: string;
  /** Texts that say nothing, beside the empty one, such as `?`. */
  readonly missing?: readonly string[];
} & (
  | ({ readonly type: "category" } & Values)
  | ({
      readonly type: "list";
      /** Between the values. Default `|`. */
      readonly separator?: string;
      /** How the values' embeddings become one. Default `mean`. */
      readonly pooling?: "sum" | "mean";
    } & Values)
  | {
      readonly type: "number";
      /** Default `standard`. */
      readonly scale?: Scale;
      /** So many categories of about equal size instead of a number. */
      readonly quantiles?: number;
      /** A second input, 1 where the number is missing. Default false. */
      readonly flag?: boolean;
    }
  | {
      readonly type: "time";
      /** One category each. Default hour and weekday. */
      readonly parts?: readonly TimePart[];
      /** As `strptime` takes it. */
      readonly format?: string;
    }
  | ({
      readonly type: "cross";
      /** The columns whose values together are the value. */
      readonly of: readonly string[];
    } & Values)
);

/** How values are numbered: by themselves (default), those of training rows that are not rare, or by a hash. */
interface Values {
  /** Least number of training rows that have the value; rarer and new ones share the number "unknown". */
  readonly min?: number;
  /** So many numbers, by a hash of the text. */
  readonly hash?: number;
}

export type FeatureType = FeatureSpec["type"];

const options: Readonly<Record<FeatureType, readonly string[]>> = {
  category: ["min", "hash"],
  list: ["separator", "pooling", "min", "hash"],
  number: ["scale", "quantiles", "flag"],
  time: ["parts", "format"],
  cross: ["of", "min", "hash"],
};

const featureTypes = Object.keys(options) as readonly FeatureType[];

const whole = (from: number, to: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
const word =
  (...words: readonly string[]) =>
  (value: unknown) =>
    words.includes(value as string);

/** Each option's test, and what to give. */
const rules: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  type: [word(...featureTypes), featureTypes.join(", ")],
  column: [(value) => typeof value === "string" && value !== "", "a column's name"],
  missing: [texts, "a list of texts"],
  min: [whole(1, 2 ** 31), "a whole number from 1"],
  hash: [whole(2, 2 ** 30), "a whole number from 2 to 2^30"],
  separator: [(value) => typeof value === "string" && value !== "", "what stands between the values"],
  pooling: [word("sum", "mean"), "sum or mean"],
  scale: [word("standard", "min-max", "log", "none"), "standard, min-max, log or none"],
  quantiles: [whole(2, 256), "a whole number from 2 to 256"],
  flag: [(value) => typeof value === "boolean", "true or false"],
  parts: [
    (value) => texts(value) && (value as string[]).every((part) => Object.hasOwn(timeParts, part)),
    `some of ${Object.keys(timeParts).join(", ")}`,
  ],
  format: [(value) => typeof value === "string" && value.includes("%"), "a format of strptime, as %Y%m%d%H"],
  of: [(value) => texts(value) && (value as string[]).length > 1, "two or more columns"],
};

/** The same spec if it is one; else one line that names feature, option and what to give. */
export function checkFeature(name: string, spec: unknown, where: string): FeatureSpec {
  const place = `${where}, feature ${name}`;
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    throw problem("usage", "the feature is no object", place, `give {"type": …}: ${featureTypes.join(", ")}`);
  }
  const held = spec as Readonly<Record<string, unknown>>;
  const fails = (key: string): Error => {
    const [, remedy] = rules[key] as (typeof rules)[string];
    return problem("usage", `${key} is ${JSON.stringify(held[key]) ?? "not given"}`, place, `give ${remedy}`);
  };
  if (!rules["type"]?.[0](held["type"])) throw fails("type");
  const known = ["type", "column", "missing", ...options[held["type"] as FeatureType]];
  for (const [key, value] of Object.entries(held)) {
    if (!known.includes(key)) {
      throw problem("usage", `${String(held["type"])} has no option ${key}`, place, `it takes ${known.join(", ")}`);
    }
    if (!rules[key]?.[0](value)) throw fails(key);
  }
  if (held["type"] === "cross" && held["of"] === undefined) throw fails("of");
  if (held["min"] !== undefined && held["hash"] !== undefined) {
    throw problem("usage", "both min and hash are given", place, "give one: a hash has no vocabulary");
  }
  if (held["quantiles"] !== undefined && (held["scale"] !== undefined || held["flag"] !== undefined)) {
    throw problem("usage", "quantiles make categories, which have no scale and flag", place, "leave these out");
  }
  return spec as FeatureSpec;
}

/** Specs by the features' names; in order. */
export type FeatureSpecs = Readonly<Record<string, FeatureSpec>>;
