/** PMTRec's claim of §3.3, drawn from docs/results/complexity.json. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../sync/markdown.mjs";
import { root } from "../workspace.mjs";
import { grouped, number } from "./words.mjs";

const path = join(root, "docs/results/complexity.json");

/** Nanoseconds that PMTRec adds for each number that a task's triples read. */
const added = ({ batch, tasks, dim, ew, pmtrec }) => (1e6 * (pmtrec - ew)) / (3 * batch * tasks * dim);

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
    "Added, ns per number read",
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

The paper says (3.3) that what its weights cost is linear in the rows that a step touches, in tasks and in width. A step of \`mf(dim=d)\` with T tasks of
BPR, ${grouped(users)} users and ${grouped(items)} items, Adam, one thread, in processor time, both sides in turns: what PMTRec adds to a step of equal weights, over
the 3 · triples · T · d numbers that the tasks read. Linear is a last column that stays the same; one that falls is better than that.

${table(head, body)}

${processor}, Node ${node}. Measured again by \`node tooling/complexity.mjs\`.`,
  ];
}
