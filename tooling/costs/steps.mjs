import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../workspace.mjs";

/** Methods whose rules want more tasks than the others' shape has. */
const tasksOf = (name) => (name === "krum" ? 4 : 3);
/** Processes beside equal weights' at a time: each holds a model. */
const together = 5;

/**
 * What a training step of each method takes over one of equal weights, by `bench:step` in processor time on one thread: medians of paired
 * rounds with their 95 % intervals.
 */
export async function stepRatios(workload, methods, steps) {
  const figures = {};
  let about = {};
  for (const tasks of [3, 4]) {
    // A model of tables alone has no place for what balances none.
    const fits = (name) => name !== "ew" && tasksOf(name) === tasks && (workload !== "mf" || methods[name].tables);
    const names = Object.keys(methods).filter(fits);
    for (let at = 0; at < names.length; at += together) {
      const some = names.slice(at, at + together);
      const lines = benched(
        workload,
        some.map((name) => methods[name].specifier(tasks) + (methods[name].tables ? "" : "@representation")),
        { tasks, steps },
      );
      const [ew] = lines;
      if (tasks === 3) about = shapeOf(ew);
      some.forEach((name, k) => {
        const { overEw, level, medianMs } = lines[k + 1];
        figures[name] = { ratio: overEw, level, milliseconds: medianMs, ...(tasks === 3 ? {} : { tasks }) };
      });
      if (tasks === 3) figures.ew = { level: ew.level, milliseconds: ew.medianMs };
      process.stderr.write(`${workload}: ${some.join(", ")}\n`);
    }
  }
  return { about, figures };
}

function benched(workload, specifiers, { tasks, steps }) {
  const flags = ["--workload", workload, "--methods", ["ew", ...specifiers].join(","), "--tasks", String(tasks)];
  const how = ["--steps", String(steps), "--block", "4", "--warmup", "8", "--threads", "1", "--clock", "cpu", "--json"];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, "test/step/bench-step.js"), ...flags, ...how],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  if (status !== 0) throw new Error(`bench:step of ${specifiers.join(", ")} (costs): ${stderr.trim()}`);
  const parsed = JSON.parse(stdout);
  return Array.isArray(parsed) ? parsed : parsed.result;
}

function shapeOf(figure) {
  const shown = ["backend", "users", "items", "fields", "vocab", "dim", "tasks", "batch", "trunk"];
  return {
    shape: Object.fromEntries(shown.filter((key) => figure[key] !== undefined).map((key) => [key, figure[key]])),
  };
}
