/** PMTRec's claim of §3.3, drawn from docs/results/complexity.json. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../sync/markdown.mjs";
import { root } from "../workspace.mjs";
import { grouped, number } from "./words.mjs";

const path = join(root, "docs/results/complexity.json");

/** Nanoseconds that PMTRec adds for each row that the triples of all tasks name, task and coordinate. */
const added = ({ batch, tasks, dim, ew, pmtrec }) => (1e6 * (pmtrec - ew)) / (3 * batch * tasks * tasks * dim);

/** Empty where nothing was measured. */
export function complexitySection() {
  if (!existsSync(path)) return [];
  const { processor, node, rows } = JSON.parse(readFileSync(path, "utf8"));
  const [{ users, items }] = rows;
  const head = [
    "Triples a task",
    "T",
    "d",
    "EW, ms",
    "PMTRec, ms",
    "Ratio (95 % interval)",
    "Added, ns / (rows · T · d)",
  ];
  const body = rows.map((row) => [
    grouped(row.batch),
    String(row.tasks),
    String(row.dim),
    number(row.ew, 2),
    number(row.pmtrec, 2),
    `${number(row.ratio.median, 2)} (${number(row.ratio.low, 2)}–${number(row.ratio.high, 2)})`,
    number(added(row), 2),
  ]);
  return [
    `## Complexity

What PMTRec's weights cost (3.3), against the rows that a step touches, tasks and width: a step of \`mf(dim=d)\` with T tasks of BPR, ${grouped(users)} users and
${grouped(items)} items, Adam, one thread, in processor time, both sides in turns. Every task has triples of its own, so that rows grow with T: there are 3 · triples · T
of them, and each has T weights. The last column is what PMTRec adds to a step of equal weights, over rows · T · d: the same everywhere where the cost
grows as that product, and less where it grows more slowly.

${table(head, body)}

${processor}, Node ${node}. Measured again by \`node tooling/complexity.mjs\`.`,
  ];
}
