import type { Workspace } from "./workspace.js";
import { readDelimited, type Layout } from "./delimited.js";
import { firstLines } from "./lines.js";
import { checkFile } from "./sources.js";

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
export async function readEdges(workspace: Workspace, path: string, table: string): Promise<void> {
  const layout = await edgeLayout(path);
  const value = layout.columns.length > 2 ? "value" : "NULL::DOUBLE";
  await readDelimited(workspace, [path], layout, table, `"user" AS u, item AS i, ${value} AS v`, ["u", "i"]);
}

/** Reads links between users into `table` with columns `l`, `r`. */
export async function readLinks(workspace: Workspace, path: string, table: string): Promise<string> {
  const layout = await edgeLayout(path, ["left", "right"]);
  await readDelimited(workspace, [path], layout, table, `"left" AS l, "right" AS r`, ["l", "r"]);
  return table;
}
