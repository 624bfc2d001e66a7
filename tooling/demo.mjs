/** One step's gradients of three tasks, pooled by every method through the command: what each makes of a conflict. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../packages/bench/bin/gradpool.js", import.meta.url));

/** Runs the command; what a request got wrong is in its answer. */
function gradpool(args, input = "") {
  const { stdout } = spawnSync(process.execPath, [bin, ...args], {
    input,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
  return JSON.parse(stdout);
}

/** Three embedding rows of width 2. Clicks are loud and pull against buys; carts agree with both, a little. */
const tasks = ["buy", "cart", "click"];
const gradients = [
  [[0.3, 0.4], [0.1, -0.2], [0, 0]], // prettier-ignore
  [[0.2, -0.1], [0.5, 0.1], [0.3, 0.3]], // prettier-ignore
  [[-6, -5], [2, 4], [9, 1]], // prettier-ignore
];
const losses = [0.69, 0.4, 1.2];

const names = [...gradpool(["methods", "--json"]).map(({ name }) => name), "metabalance+pcgrad(against=target)"];
// PMTRec balances row by row; to the others the table is one tensor.
const requests = names.map((method) => ({
  ...(method === "pmtrec" ? { rows: true, gradients } : { gradients: gradients.map((gradient) => gradient.flat()) }),
  method,
  losses,
  seed: 1,
}));
const answers = gradpool(["pool"], JSON.stringify(requests));

const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const cosine = (a, b) => dot(a, b) / (norm(a) * norm(b) || 1);
const flat = gradients.map((gradient) => gradient.flat());

const rows = answers.map(({ output, error }, k) => {
  if (error !== undefined) return [names[k], error.message];
  const combined = output[0].combined.flat();
  const cosines = flat.map((gradient) => cosine(combined, gradient));
  const against = tasks.filter((_, i) => cosines[i] < -1e-9);
  return [names[k], norm(combined).toPrecision(3), ...cosines.map((c) => c.toFixed(2)), against.join(", ") || "nobody"];
});
const head = ["method", "length", ...tasks.map((task) => `cos ${task}`), "points against"];
const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? "").length)));
const print = (row) =>
  console.log(
    row
      .map((cell, c) => (c > 0 && c < 5 ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .join("  ")
      .trimEnd(),
  );

console.log(
  `\nOne step, three tasks: ${tasks.map((task, i) => `${task} (length ${norm(flat[i]).toFixed(2)})`).join(", ")}`,
);
console.log(
  `buy and click disagree: their cosine is ${cosine(flat[0], flat[2]).toFixed(2)}. What each method makes of it:\n`,
);
print(head);
for (const row of rows) print(row);
console.log("\nOne method in full: npx gradpool methods pcgrad. Your own gradients: npx gradpool pool --help");
process.exitCode = answers.some(({ error }) => error !== undefined) ? 1 : 0;
