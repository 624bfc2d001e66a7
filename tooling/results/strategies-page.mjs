/** The page on ways to search, drawn from docs/results/strategies.json. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../sync/markdown.mjs";
import { importSource } from "../typescript.mjs";
import { root } from "../workspace.mjs";
import { deviation, grouped, mean, pValue, signed, spread } from "./words.mjs";

const { pairedT } = await importSource("packages/metrics/src/index.ts");

const path = "docs/results/strategies.json";

const of = (runs, name) => runs.map((run) => run[name]);
const aroundMean = (runs, name) => spread(mean(of(runs, name)), deviation(of(runs, name)));

/** A strategy's row: its values by repetition stand against the grid's of the same seeds. */
function row({ name, runs }, grid) {
  const better = mean(of(runs, "best")) - mean(of(grid.runs, "best"));
  const p = name === grid.name ? null : (pairedT(of(runs, "best"), of(grid.runs, "best"))?.p ?? null);
  const cost = mean(of(runs, "seconds")) / mean(of(grid.runs, "seconds"));
  return [
    name,
    String(runs[0].points),
    String(Math.round(mean(of(runs, "epochs")))),
    aroundMean(runs, "best"),
    name === grid.name ? "–" : signed(better),
    name === grid.name ? "–" : pValue(p),
    aroundMean(runs, "test"),
    (mean(of(runs, "seconds")) / 3600).toFixed(4),
    cost.toFixed(2),
  ];
}

const head = [
  "Search",
  "Trials",
  "Epochs",
  "Best on validation",
  "Above the grid",
  "p",
  "On test",
  "Hours",
  "Of the grid's",
];

function section({ name, tasks, strategies }) {
  const grid = strategies.find((one) => one.name === "grid");
  const repetitions = grid.runs.length;
  return `## ${name}

Tasks: ${tasks.join(", ")}. Means over ${repetitions} repetitions, with the deviation of one.

${table(
  head,
  strategies.map((one) => row(one, grid)),
)}`;
}

const named = (space) =>
  Object.entries(space)
    .map(([key, value]) => `\`${key}=${value}\``)
    .join(", ");

/** The page, or none where nothing was measured. */
export function strategiesPages() {
  if (!existsSync(join(root, path))) return [];
  const { pool, config, ranges, lists, machine, circumstances, command, sets } = JSON.parse(
    readFileSync(join(root, path), "utf8"),
  );
  const { model, epochs, batch, metrics, evalUsers, testUsers } = config;
  const page = `<!-- written by npm run results: change the data or the tool, not this page -->

# Ways to search

Grid, random points and halving, each given the same contender (\`${pool}\` on \`${model}\`, ${epochs} epochs, batches of ${grouped(batch)}) to search
on validation: ${metrics[0]} of ${grouped(evalUsers)} users, of the best epoch. What the best point reaches on test (${grouped(testUsers)} users) was chosen by
nothing. In repetition r everything is trained with seed r, and random points are drawn with it. The page on
[comparing methods](../compare-methods.md#ranges-instead-of-lists) says how each works.

- Ranges: ${named(ranges)}.
- The grid: ${named(lists)}.
- Hours are of one processor, all trials of a search together.
- Best on validation is the best of many: it is as much higher than what is to be expected as the validation users are few. On test shows that.

${sets.map(section).join("\n\n")}

## How this was measured

\`\`\`sh
${command}
\`\`\`

${machine}. ${circumstances}
`;
  return [["docs/results/strategies.md", page]];
}
