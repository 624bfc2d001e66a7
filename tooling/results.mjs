/**
 * `npm run results` writes the pages of docs/results from the data beside them, as `npm run sync` does.
 * `npm run results -- add FOLDER --name NAME --words TEXT [--circumstances TEXT] [--command TEXT] [--processor SECONDS] [--quiet] [--experiment]` takes a
 * finished comparison.
 * `npm run results -- reference ID RUN…` takes runs of a published number: run folders, or files of measured values.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { fromBench } from "./results/from-bench.mjs";
import { resultPages } from "./results/pages.mjs";
import { withRuns } from "./results/references.mjs";
import { keep } from "./results/store.mjs";
import { root } from "./workspace.mjs";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: text,
    words: text,
    circumstances: text,
    command: text,
    processor: text,
    quiet: { type: "boolean" },
    experiment: { type: "boolean" },
  },
});
const [action, first, ...rest] = positionals;

if (action === "add") {
  if (!first || !values.name || !values.words) throw new Error("give the folder, --name and --words (results add)");
  console.log(await keep(values.name, fromBench(first, values)));
} else if (action === "reference") {
  if (!first || rest.length === 0) throw new Error("give the reference's id and its runs (results reference)");
  console.log(await keep("references", withRuns(first, rest)));
} else if (action !== undefined) throw new Error(`there is no ${action} (results): add, reference, or nothing`);

const options = await resolveConfig(join(root, "README.md"));
for (const [path, page] of resultPages()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), await format(page, { ...options, filepath: path }));
  console.log(path);
}
