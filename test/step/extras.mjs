/**
 * What schedules, clipping and logging add to a step: `node test/step/extras.mjs [--rounds N] [--steps N]`, after `npm run setup`. Each side is a
 * run of its own over the same batches; they take turns, a block of steps each, and are compared block by block in processor time of this
 * process, so that whatever else the machine does falls on all of them alike. The first side stands twice: what it differs by from
 * itself is what cannot be measured.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { importSource } from "../../tooling/typescript.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string" }, steps: { type: "string" } } });
const rounds = Number(values.rounds ?? 60);
const steps = Number(values.steps ?? 20);

const { clipTasks } = await importSource("packages/core/src/index.ts");
const { bprSampler, generateShop } = await importSource("packages/data/src/index.ts");
const { bpr, mf } = await importSource("packages/models/src/index.ts");
const { createEngine, fit, perTaskFeed } = await importSource("packages/trainer/src/index.ts");
const { pcgrad } = await importSource("packages/methods/pcgrad/src/index.ts");
const { runLog } = await importSource("packages/runs/src/run/log.ts");
const { tensorBoard } = await importSource("packages/runs/src/live/tensorboard.ts");

const folder = mkdtempSync(join(tmpdir(), "gradpool-extras-"));
const set = generateShop({ users: 8000, items: 4000, seed: 3 });
const tasks = ["buy", "cart", "pv"];

/** A run without end, as an iterator over its events, step by step. `hear`: what is done with each. */
function side(name, { fitted = {}, engine: settings = {}, pool = pcgrad(), hear = () => undefined } = {}) {
  const model = mf({ users: set.users, items: set.items, dim: 32, tasks: tasks.map((task) => bpr(task)) });
  const engine = createEngine({ model, pool, optimizer: { name: "adam", learningRate: 1e-3 }, seed: 5, ...settings });
  const feed = perTaskFeed(tasks.map((task, stream) => bprSampler(set, { task, batchSize: 2048, seed: 5, stream })));
  const events = fit({ engine, feed, epochs: 1_000_000, ...fitted })[Symbol.asyncIterator]();
  return {
    name,
    async run(count) {
      const before = process.cpuUsage();
      for (let done = 0; done < count;) {
        const { value } = await events.next();
        hear(value);
        if (value.type === "step") done++;
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / count;
    },
  };
}

for (const name of ["run", "logged"]) mkdirSync(join(folder, name));
const log = runLog(join(folder, "run"), () => undefined);
const alone = runLog(join(folder, "logged"), () => undefined);
const board = tensorBoard(join(folder, "events"));
const cosine = { schedule: { kind: "cosine", epochs: 100 }, warmup: 2 };
const sides = [
  side("nothing"),
  side("nothing, again"),
  side("schedule cosine, warm-up", { fitted: cosine }),
  // Limits that every step reaches.
  side("clip by norm", { engine: { clip: { norm: 1e-4 } } }),
  side("clip by value", { engine: { clip: { value: 1e-6 } } }),
  side("clip each task by norm", { pool: clipTasks(pcgrad(), 1e-4) }),
  side("diagnostics every 20 steps, not logged", { fitted: { diagnosticsEvery: 20 } }),
  side("metrics.jsonl, diagnostics.jsonl", {
    fitted: { diagnosticsEvery: 20 },
    hear: (event) => alone.record(event, tasks),
  }),
  side("the same and TensorBoard", {
    fitted: { diagnosticsEvery: 20 },
    hear(event) {
      log.record(event, tasks);
      board.record(event, tasks);
    },
  }),
];

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
/** The median's interval of 95 %, by order statistics. */
const interval = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(sorted.length);
  const at = (k) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(k)))];
  return [at(sorted.length / 2 - half), at(sorted.length / 2 + half - 1)];
};

for (const one of sides) await one.run(2 * steps);
const times = sides.map(() => []);
for (let round = 0; round < rounds; round++) {
  for (let turn = 0; turn < sides.length; turn++) {
    const k = (turn + round) % sides.length;
    times[k].push(await sides[k].run(steps));
  }
}
const base = times[0];
console.log(`${rounds} rounds of ${steps} steps, processor time a step; against the first side, round by round`);
for (const [k, { name }] of sides.entries()) {
  const ratios = times[k].map((time, round) => time / base[round]);
  const [low, high] = interval(ratios);
  const ratio = k === 0 ? "" : `  × ${median(ratios).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
  console.log(`${name.padEnd(40)} ${median(times[k]).toFixed(3)} ms${ratio}`);
}
board.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
