/**
 * `node tooling/complexity.mjs` measures PMTRec's §3.3: what its weights add to a step of equal weights, over examples, tasks and width. It
 * writes docs/results/complexity.json, of which `npm run results` draws a table on PMTRec's page. Processor time, both sides in turns.
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { root } from "./workspace.mjs";

const usual = { batch: 1024, tasks: 3, dim: 32 };
const shapes = [
  usual,
  ...[256, 4096].map((batch) => ({ ...usual, batch })),
  ...[2, 6, 12].map((tasks) => ({ ...usual, tasks })),
  ...[16, 64, 128].map((dim) => ({ ...usual, dim })),
];

/** Medians of a step of equal weights and of PMTRec, and their ratio in the same round. */
function measured(shape) {
  const sizes = Object.entries(shape).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const how = ["--steps", "200", "--block", "10", "--warmup", "20", "--threads", "1", "--clock", "cpu", "--json"];
  const flags = ["--workload", "mf", "--methods", "ew,pmtrec", ...sizes, ...how];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, "test/step/bench-step.js"), ...flags],
    { encoding: "utf8" }, // prettier-ignore
  );
  if (status !== 0) throw new Error(`bench:step at ${sizes.join(" ")} (complexity): ${stderr.trim()}`);
  const parsed = JSON.parse(stdout);
  const [ew, pmtrec] = Array.isArray(parsed) ? parsed : parsed.result;
  return { ...shape, users: ew.users, items: ew.items, ew: ew.medianMs, pmtrec: pmtrec.medianMs, ratio: pmtrec.overEw };
}

const rows = shapes.map((shape) => {
  process.stderr.write(`batch ${shape.batch}, T ${shape.tasks}, d ${shape.dim}\n`);
  return measured(shape);
});
const where = { processor: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`, node: process.version };
const text = await format(JSON.stringify({ ...where, rows }), { parser: "json", printWidth: 120 });
writeFileSync(join(root, "docs/results/complexity.json"), text);
