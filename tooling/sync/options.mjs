/** The table of training options in the README of `runs`, from the table that everything else comes from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importSource } from "../typescript.mjs";
import { root } from "../workspace.mjs";
import { replaceMarked, table } from "./markdown.mjs";

const { trainOptionRows } = await importSource("packages/runs/src/options/read.ts");

export function trainOptions() {
  const path = "packages/runs/README.md";
  const rows = trainOptionRows().map((row) => [`\`${row.field}\``, row.default, row.range, row.description]);
  const text = readFileSync(join(root, path), "utf8");
  return [[path, replaceMarked(text, "options", table(["Option", "Default", "Range", "Meaning"], rows), path)]];
}
