/**
 * `npm run costs` measures what each method costs, and writes it to docs/costs.json, of which `npm run sync` draws the table in
 * docs/choose-a-method.md. In processor time, all sides in turns, so that ratios hold on a busy machine; absolute numbers want a quiet one.
 *
 *     npm run costs                                    decisions of 16 tasks, and training steps at the shapes mf and ctr
 *     npm run costs -- --part weights                  decisions alone; or --part mf, --part ctr
 *     npm run costs -- --methods ew,pcgrad --steps 20  some methods: what is not measured stays as it was
 */
import { cpus } from "node:os";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { specifiers } from "./costs/methods.mjs";
import { stepRatios } from "./costs/steps.mjs";
import { decisionTimes } from "./costs/weights.mjs";
import { sync } from "./sync.mjs";
import { root } from "./workspace.mjs";

const text = { type: "string" };
const { values } = parseArgs({ options: { part: { ...text, multiple: true }, methods: text, steps: text } });
const parts = values.part ?? ["weights", "mf", "ctr"];
const strange = parts.find((part) => !["weights", "mf", "ctr"].includes(part));
if (strange !== undefined) throw new Error(`--part is ${strange} (costs): give weights, mf or ctr`);

const known = await specifiers();
const chosen = values.methods?.split(",") ?? Object.keys(known);
const unknown = chosen.find((name) => known[name] === undefined);
if (unknown !== undefined) throw new Error(`no method ${unknown} (costs): known are ${Object.keys(known).join(", ")}`);
const methods = Object.fromEntries(chosen.map((name) => [name, known[name]]));

const path = join(root, "docs/costs.json");
const held = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
const where = {
  date: new Date().toISOString().slice(0, 10),
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
};

for (const part of parts) {
  const { about, figures } =
    part === "weights" ? await decisionTimes(methods) : await stepRatios(part, methods, Number(values.steps ?? 40));
  held[part] = { ...where, ...about, figures: { ...held[part]?.figures, ...figures } };
  // Written after each part: a long run that ends early has not measured for nothing.
  writeFileSync(path, await format(JSON.stringify(held), { parser: "json" }));
}
console.log((await sync()).join("\n"));
