import { problem } from "../errors.js";
import type { Context, Staged } from "../prepare/context.js";
import { readDelimited, type Layout } from "../prepare/delimited.js";
import { name } from "../prepare/duck.js";
import { firstLines } from "../prepare/lines.js";
import { checkFile } from "../prepare/sources.js";

const pieces = (line: string): string[] => {
  const trimmed = line.trim();
  return trimmed === "" || /^[#%]/.test(trimmed) ? [] : trimmed.split(/\s*,\s*|\s+/);
};

/**
 * The layout of a file of pairs: two ids, then a number if `valued`, with any white space or commas between them.
 * Lines that start with # or % are comments. One and the same separator throughout is read by the fast reader.
 */
export async function edgeLayout(path: string, ids: readonly [string, string] = ["user", "item"]): Promise<Layout> {
  const [first = ""] = await firstLines(await checkFile(path), 1);
  const separator = /^[^\s,#%"][^\s,"]*([ \t,])[^\s,"]+(?:\1[^\s,"]+)?$/.exec(first)?.[1];
  const three = pieces(first).length >= 3;
  return {
    columns: [
      { name: ids[0], type: "VARCHAR", required: true },
      { name: ids[1], type: "VARCHAR", required: true },
      ...(three || separator === undefined ? [{ name: "value", type: "DOUBLE" } as const] : []),
    ],
    delimiter: separator ?? " ",
    unquoted: true,
    split: pieces,
    regular: separator !== undefined,
    optional: three || separator === undefined ? 1 : 0,
  };
}

/** Reads pairs into `table` with columns `u`, `i`, `v` (NULL without a third column). */
export async function readEdges(context: Context, path: string, table: string): Promise<void> {
  const layout = await edgeLayout(path);
  const value = layout.columns.length > 2 ? "value" : "NULL::DOUBLE";
  await readDelimited(context, [path], layout, table, `"user" AS u, item AS i, ${value} AS v`, ["u", "i"]);
}

/** Reads links between users into `table` with columns `l`, `r`. */
export async function readLinks(context: Context, path: string, table: string): Promise<string> {
  const layout = await edgeLayout(path, ["left", "right"]);
  await readDelimited(context, [path], layout, table, `"left" AS l, "right" AS r`, ["l", "r"]);
  return table;
}

/**
 * One file of `user item` pairs a behaviour. With `--valid` and `--test` the target's parts are the ones given: pairs of
 * the test file are tested, those of the validation file (and not in test) validate, the rest trains, whether or not
 * the target's own file lists them. Nothing is split at random then.
 */
export async function readEdgesFormat(context: Context): Promise<Staged> {
  const { behaviors = {}, valid, test, social, target } = context.options;
  const names = Object.keys(behaviors);
  if (names.length === 0) {
    throw problem("usage", "no behaviour given", "--format edges", "give --behavior buy=FILE for each behaviour");
  }
  const main = target ?? (names.includes("buy") ? "buy" : (names[0] as string));
  const raw: string[] = [];
  const given: string[] = [];
  const add = async (path: string, behavior: number, part?: 1 | 2): Promise<void> => {
    const table = context.fresh("edges");
    await readEdges(context, path, table);
    raw.push(`SELECT ${behavior}::UTINYINT AS b, u, i, NULL::DOUBLE AS t, v FROM ${name(table)}`);
    if (part) given.push(`SELECT ${part}::UTINYINT AS part, u, i FROM ${name(table)}`);
  };
  for (const [b, behavior] of names.entries()) {
    for (const path of [behaviors[behavior] ?? []].flat()) await add(path, b);
  }
  const index = names.indexOf(main);
  if (index >= 0 && valid !== undefined) await add(valid, index, 1);
  if (index >= 0 && test !== undefined) await add(test, index, 2);
  return {
    behaviors: names,
    raw: `(${raw.join(" UNION ALL ")})`,
    timed: false,
    valued: true,
    ...(given.length === 0 ? {} : { given: `(${given.join(" UNION ALL ")})` }),
    ...(social === undefined ? {} : { social: await readLinks(context, social, context.fresh("links")) }),
    target: main,
  };
}
