import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { crossing, type Encoding, timeParts, type TimePart } from "../set/encoding.js";
import { name, text } from "../tables/duck.js";
import type { Column } from "../tables/kinds.js";
import { timesOf } from "../tables/times.js";
import type { Workspace } from "../tables/workspace.js";
import type { FeatureSpec } from "./spec.js";

/** How values are numbered, once it is known which rows train. */
export interface Coding {
  /** Without bounds and the number of "unknown", which only the training rows tell. */
  readonly encoding: Encoding;
  /** Least number of training rows of a value. */
  readonly min?: number;
  readonly quantiles?: number;
}

/** A feature of a table that was read: SQL of its value, VARCHAR (or a list of it), DOUBLE, or the part of a time from 0. */
export interface StagedFeature {
  readonly name: string;
  readonly kind: "one-hot" | "multi-hot" | "numerical";
  /** Over the table's columns; NULL is missing. */
  readonly value: string;
  /** Absent: one category as it stands, and every value of any row is known. */
  readonly coding?: Coding;
}

/** The columns to read for these features; of feature k they begin with `<prefix>_k`. */
export function columnsOf(features: ReadonlyMap<string, FeatureSpec | null>, prefix: string): Column[] {
  return [...features].flatMap(([called, spec], k): Column[] => {
    const as = `${prefix}_${k}`;
    const column = spec?.column ?? called;
    const blank = spec?.missing;
    if (spec?.type === "cross") return spec.of.map((one, c) => ({ name: one, kind: "text", as: `${as}_${c}` }));
    if (spec?.type === "number") return [{ name: column, kind: "number", as, ...given({ blank }) }];
    if (spec?.type === "time") return [{ name: column, kind: "time", as, ...given({ blank, format: spec.format }) }];
    const joined = spec?.type === "list" ? (spec.separator ?? "|") : undefined;
    return [{ name: column, kind: "text", as, ...given({ joined }) }];
  });
}

const partSql: Readonly<Record<TimePart, string>> = {
  minute: "minute(x)",
  hour: "hour(x)",
  weekday: "isodow(x) - 1",
  day: "day(x) - 1",
  month: "month(x) - 1",
};

/** A text column's value; words for nothing are missing. */
const said = (column: string, missing: readonly string[] = []): string => {
  const blank = ["", ...missing].map(text).join(", ");
  return `CASE WHEN ${name(column)} NOT IN (${blank}) THEN ${name(column)} END`;
};

/** What was read by {@link columnsOf} into `table`, as features. A time makes several. */
export async function stageFeatures(
  workspace: Workspace,
  table: string,
  features: ReadonlyMap<string, FeatureSpec | null>,
  prefix: string,
): Promise<StagedFeature[]> {
  const staged: StagedFeature[] = [];
  for (const [k, [called, spec]] of [...features].entries()) {
    const as = `${prefix}_${k}`;
    if (spec === null) staged.push({ name: called, kind: "one-hot", value: name(as) });
    else if (spec.type === "time") staged.push(...(await stageTime(workspace, table, called, spec, as)));
    else staged.push(stageOne(called, spec, as));
  }
  const twice = staged.find(({ name: one }, k) => staged.findIndex((other) => other.name === one) !== k);
  if (twice === undefined) return staged;
  throw problem("usage", `two features are called "${twice.name}"`, "columns", "give each a name of its own");
}

function stageOne(called: string, spec: Exclude<FeatureSpec, { type: "time" }>, as: string): StagedFeature {
  const { missing } = spec;
  const common = { columns: spec.type === "cross" ? spec.of : [spec.column ?? called], ...given({ missing }) };
  switch (spec.type) {
    case "number": {
      const { scale = "standard", quantiles, flag } = spec;
      const value = name(as);
      if (quantiles !== undefined) {
        const encoding = { ...common, kind: "buckets", bounds: [] } as const;
        return { name: called, kind: "one-hot", value, coding: { encoding, quantiles } };
      }
      const encoding = { ...common, kind: "number", scale, ...(flag === true && { flag }) } as const;
      return { name: called, kind: "numerical", value, coding: { encoding } };
    }
    case "list": {
      const { separator = "|", pooling = "mean", min, hash: size } = spec;
      const blank = ["", ...(missing ?? [])].map(text).join(", ");
      const trimmed = `list_transform(string_split(${said(as, missing)}, ${text(separator)}), lambda x: trim(x))`;
      const value = `list_distinct(list_filter(${trimmed}, lambda x: x NOT IN (${blank})))`;
      const encoding = { ...common, kind: "list", separator, pooling, ...given({ size }) } as const;
      return { name: called, kind: "multi-hot", value, coding: { encoding, ...given({ min }) } };
    }
    default: {
      const { min, hash: size } = spec;
      const parts = spec.type === "cross" ? spec.of.map((_, c) => `${as}_${c}`) : [as];
      // NULL where one of them is: || is strict.
      const value = parts.map((part) => `(${said(part, missing)})`).join(` || ${text(crossing)} || `);
      const encoding: Encoding =
        size === undefined ? { ...common, kind: "category" } : { ...common, kind: "hash", size };
      return { name: called, kind: "one-hot", value, coding: { encoding, ...given({ min }) } };
    }
  }
}

async function stageTime(
  workspace: Workspace,
  table: string,
  called: string,
  { column = called, missing, parts = ["hour", "weekday"], format }: Extract<FeatureSpec, { type: "time" }>,
  as: string,
): Promise<StagedFeature[]> {
  const { sql, scale } = await timesOf(workspace, table, as, column);
  const moment = `make_timestamp(CAST(floor(${sql}) AS BIGINT) * 1000000)`;
  return parts.map((part): StagedFeature => {
    const encoding = { columns: [column], kind: "time", part, scale, ...given({ missing, format }) } as const;
    const value = `CAST(${partSql[part].replace("x", moment)} AS INTEGER)`;
    return { name: `${called}.${part}`, kind: "one-hot", value, coding: { encoding } };
  });
}

/** Texts of the parts of a time, by number. */
export const partNames = (part: TimePart): string[] =>
  Array.from({ length: timeParts[part] }, (_, k) => String(part === "day" || part === "month" ? k + 1 : k));
