import { given } from "@gradpool/core";
import type { PrepareOptions, WechatThresholds } from "@gradpool/data";
import { usageError } from "../terminal/errors.js";
import { readNumber } from "../terminal/values.js";
import { entriesOf } from "./columns.js";

const where = "gradpool prepare";

export const orNone = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

export const whole = (written: string | undefined, flag: string): number | undefined =>
  written === undefined
    ? undefined
    : readNumber(written, flag, flag === "seed" ? { integer: true } : { integer: true, min: 0 });

export const shareOf = (written: string | undefined, flag: string): number | undefined =>
  written === undefined ? undefined : readNumber(written, flag, { min: 0, max: 1 });

export function thresholds(written: string): WechatThresholds {
  const entries = entriesOf(written, "--wechat", ["effectiveSeconds", "longSeconds", "completeRatio"]);
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, readNumber(value, "wechat")]));
}

export const namesOf = (written: string | undefined): readonly string[] | undefined =>
  written?.split(",").map((name) => name.trim());

/** `NAME=REST` of a flag that may be repeated. */
function pairOf(entry: string, flag: string, rest: string): readonly [string, string] {
  const at = entry.indexOf("=");
  if (at < 1 || at === entry.length - 1) throw usageError(`--${flag} is ${entry}`, where, `give ${rest}`);
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** The files of each behaviour, or the names of those to keep. */
export function behaviorsOf(files: readonly string[], names: string | undefined): Pick<PrepareOptions, "behaviors"> {
  if (files.length === 0) return given({ behaviors: namesOf(names) });
  if (names !== undefined) {
    throw usageError(
      "--behavior and --behaviors are given",
      where,
      "give the files of the behaviours to keep, in order",
    );
  }
  const behaviors = new Map<string, string[]>();
  for (const entry of files) {
    const [name, file] = pairOf(entry, "behavior", "NAME=FILE");
    behaviors.set(name, [...(behaviors.get(name) ?? []), file]);
  }
  return { behaviors: Object.fromEntries(behaviors) };
}

export const renames = (written: readonly string[]): Record<string, string> =>
  Object.fromEntries(written.map((entry) => pairOf(entry, "rename", "OLD=NEW")));
