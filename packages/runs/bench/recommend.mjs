/**
 * Lists of all users of a trained run beside the run's evaluation, in turns: `node packages/runs/bench/recommend.mjs RUN [ROUNDS] [K]`.
 * Prints, per user, medians of wall-clock and processor milliseconds, and the median of the paired ratios.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeChunks } from "@gradpool/data";
import { openRun, recommendationColumns } from "../dist/index.js";

const [folder, rounds = "7", k = "20"] = process.argv.slice(2);
const run = await openRun(folder);
const scratch = mkdtempSync(join(tmpdir(), "recommend-"));
const users = run.ids("users");

const sides = {
  async evaluate() {
    const { tasks } = await run.evaluate({ metrics: [`ndcg@${k}`, `recall@${k}`] });
    return Object.values(tasks)[0].users.length;
  },
  async recommend() {
    let count = 0;
    for await (const list of run.recommendEach(users, { k: Number(k) })) count += list.items.length > 0 ? 1 : 0;
    return count;
  },
  parquet: written("parquet"),
  csv: written("csv"),
  jsonl: written("jsonl"),
};

function written(format) {
  return async () => {
    const chunks = run.recommendColumns(users, { k: Number(k) });
    await writeChunks(join(scratch, `lists.${format}`), recommendationColumns, chunks);
    return users.length;
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
for (let round = 0; round <= Number(rounds); round++) {
  for (const [name, side] of Object.entries(sides)) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    const count = await side();
    const { user, system } = process.cpuUsage(cpu);
    // The first round compiles.
    if (round > 0) times[name].push({ wall: (performance.now() - wall) / count, cpu: (user + system) / 1000 / count });
  }
}
for (const name of Object.keys(sides)) {
  const ratio = (what) => median(times[name].map((own, k) => own[what] / times.evaluate[k][what])).toFixed(3);
  const ms = (what) => median(times[name].map((own) => own[what])).toFixed(4);
  console.log(
    `${name.padEnd(9)} wall ${ms("wall")} ms a user (× ${ratio("wall")}), processor ${ms("cpu")} (× ${ratio("cpu")})`,
  );
}
rmSync(scratch, { recursive: true });
run.dispose();
