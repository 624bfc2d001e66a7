/**
 * What a trial's way through the queue costs, measured: `node test/queue/overhead.mjs` after a build, with a redis-server. One trial is
 * run, and then asked for again and again: its worker finds it ended, so that all that is left is the way there and back.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openQueue, serve } from "../../packages/queue/dist/index.js";
import { defaultConfig } from "../../packages/runs/dist/index.js";

const times = 200;
const folder = mkdtempSync(join(tmpdir(), "gradpool-overhead-"));
const port = String(20_000 + (process.pid % 20_000));
const redis = spawn("redis-server", ["--port", port, "--dir", folder, "--save", "", "--appendonly", "yes"]);
for await (const text of redis.stdout.setEncoding("utf8")) if (/Ready to accept/.test(text)) break;
redis.stdout.resume();

const url = `redis://127.0.0.1:${port}`;
const stop = new AbortController();
const served = serve({ url, runs: join(folder, "worked"), signal: stop.signal });
const queue = await openQueue({ url, out: folder, onNote: () => undefined });
const config = {
  ...defaultConfig,
  data: "shop(users=200,items=100)",
  epochs: 20,
  tasks: ["buy", "cart"],
  metrics: ["ndcg@10"],
  monitor: null,
};
const trial = { id: "0123456789abcdef", label: "ew", point: {}, config };
const ask = async (out) => {
  const end = await queue.run({ trial, out: join(folder, out) });
  if (end.code !== 0) throw new Error(end.lastLine);
};
await ask("first");
const cpu = process.cpuUsage();
const walls = [];
for (let n = 0; n < times; n++) {
  const start = performance.now();
  await ask("again");
  walls.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(cpu);
walls.sort((a, b) => a - b);
const ms = (value) => `${value.toFixed(1)} ms`;
console.log(`wall, median ${ms(walls[times / 2])}, nine of ten below ${ms(walls[Math.floor(0.9 * times)])}`);
console.log(`processor, bench and worker together ${ms((user + system) / 1000 / times)}`);
await queue.close();
stop.abort();
await served;
redis.kill();
rmSync(folder, { recursive: true, force: true });
