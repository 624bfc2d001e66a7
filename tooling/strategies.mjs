/**
 * What ways to search are worth: `node tooling/strategies.mjs NAME=FOLDER[:TASKS]… [--scratch DIR] [--circumstances TEXT]`, after a
 * build. On each prepared set the same contender is searched by a grid, by as many random points, by halving of as many, and by halving of so many that it takes the grid's epochs, five times: seed r
 * trains and, where points are drawn, draws them. `--only NAME`: one of them, beside what was measured of the others. Writes docs/results/strategies.json; `npm run results` draws the page. Trials run one after the other in this process, so that its processor time is theirs.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { bench } from "../packages/bench/dist/index.js";
import { describeData, holdsRun, train } from "../packages/runs/dist/index.js";
import { root } from "./workspace.mjs";
import { shortened } from "./results/store.mjs";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scratch: text, circumstances: text, repetitions: text, only: text },
});
const repetitions = Number(values.repetitions ?? 5);

const pool = "metabalance";
const ranges = { lr: "log(1e-4,1e-1)", "weight-decay": "log(1e-7,1e-3)", "pool.relax": "0..1" };
const lists = { lr: "3e-4,3e-3,3e-2", "weight-decay": "1e-6,1e-4", "pool.relax": "0.25,0.75" };
const trials = 12;
const config = {
  model: "mf(dim=16)",
  epochs: 9,
  batch: 2048,
  metrics: ["ndcg@10"],
  evalUsers: 1000,
  testUsers: 2000,
  diagnosticsEvery: 0,
};
const strategies = [
  { name: "grid", space: lists, strategy: "grid" },
  { name: "random", space: ranges, strategy: "random", trials },
  { name: "halving", space: ranges, strategy: "halving", trials },
  // 47 + 2 · 15 + 6 · 5 epochs: one less than the grid's.
  { name: "halving, equal epochs", space: ranges, strategy: "halving", trials: 47 },
];
if (values.only !== undefined && !strategies.some(({ name }) => name === values.only))
  throw new Error(`no strategy ${values.only} (--only): known are ${strategies.map(({ name }) => name).join("; ")}`);

/** Trials here and now; what they cost this process goes to `spent`. */
const here = (spent) => ({
  jobs: 1,
  async run({ trial, out, signal }) {
    const before = process.cpuUsage();
    await train({
      config: trial.config,
      out,
      resume: holdsRun(out),
      keepData: false,
      ...(signal !== undefined && { signal }),
    });
    const { user, system } = process.cpuUsage(before);
    spent.seconds += (user + system) / 1e6;
    return { code: 0, lastLine: "" };
  },
});

/** One search: what its best point reached on validation and on test, and what it took. */
async function search({ space, strategy, trials: points }, given, seed) {
  const out = mkdtempSync(join(values.scratch ?? tmpdir(), "gradpool-strategies-"));
  const spent = { seconds: 0 };
  const recipe = {
    name: "strategies",
    title: "strategies",
    description: "",
    needs: { what: "nothing more", get: "" },
    base: config,
    contenders: [{ label: pool, pool }],
    seeds: [seed],
    tuningSeeds: [seed],
  };
  try {
    const { summary, records } = await bench({
      recipe,
      config: given,
      search: { space, strategy, seed, ...(points !== undefined && { trials: points }) },
      out,
      runner: here(spent),
    });
    const [found] = summary.search;
    const failed = records.filter(({ status }) => status === "failed").length;
    return {
      seed,
      points: found.points,
      epochs: found.epochsTaken,
      failed,
      best: found.best,
      test: summary.contenders[0].test[config.metrics[0]].values[0],
      point: summary.contenders[0].point,
      seconds: spent.seconds,
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const path = join(root, "docs/results/strategies.json");
const sets = [];

/** Of another's measurement what `--only` leaves alone. */
function kept(set, hash, { name }) {
  if (values.only === undefined || name === values.only) return [];
  const before = JSON.parse(readFileSync(path, "utf8")).sets.find((one) => one.name === set && one.dataHash === hash);
  return before?.strategies.find((one) => one.name === name)?.runs ?? [];
}

for (const asked of positionals) {
  const [, name, folder, named] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(asked) ?? [];
  if (name === undefined)
    throw new Error(`cannot read ${asked} (strategies): write NAME=FOLDER or NAME=FOLDER:TASK,TASK`);
  const { facts, hash } = await describeData(folder);
  const given = { data: folder, tasks: named?.split(",") ?? facts.tasks.behaviors };
  sets.push({ name, given, hash, runs: strategies.map((way) => kept(name, hash, way)) });
}

/** What has been measured by now. */
const measured = () => ({
  version: 1,
  command: `node tooling/strategies.mjs ${positionals.map((one) => one.replace(/=[^:]*/, "=FOLDER")).join(" ")}`,
  circumstances: values.circumstances ?? "",
  machine: `${cpus()[0].model}, Node ${process.version}`,
  pool,
  config,
  ranges,
  lists,
  sets: sets.map(({ name, given, hash, runs }) => ({
    name,
    dataHash: hash,
    tasks: given.tasks,
    strategies: strategies.map((way, k) => ({ name: way.name, runs: runs[k] })),
  })),
});

// Sides in turns: whatever else the machine does, it does it to all of them. Kept after each repetition.
for (let seed = 1; seed <= repetitions; seed++) {
  for (const { name, given, runs } of sets) {
    for (const [k, way] of strategies.entries()) {
      if (values.only !== undefined && way.name !== values.only) continue;
      const run = await search(way, given, seed);
      runs[k].push(run);
      console.log(`${name} ${way.name} seed ${seed}: ${run.best} in ${run.seconds.toFixed(1)} s, ${run.epochs} epochs`);
    }
  }
  writeFileSync(path, await format(JSON.stringify(shortened(measured())), { parser: "json", printWidth: 120 }));
}
console.log(path);
