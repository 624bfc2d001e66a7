/**
 * Full ranking of 15,449 users × 11,953 items, d = 64, top 20 with exclusions, beside NumPy in the same run, turn about:
 *
 *     PEER_PYTHON=python3 node packages/metrics/bench/topk-numpy.mjs      (after a build; Python with NumPy)
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { rankTopK } from "../dist/index.js";

const [n, m, dim, k, rounds] = [15_449, 11_953, 64, 20, 7];
const python = process.env.PEER_PYTHON ?? "python3";

let state = 42;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state + 0.5) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const users = Float32Array.from({ length: n * dim }, normal);
const items = Float32Array.from({ length: m * dim }, normal);
const offsets = new Int32Array(n + 1);
const excluded = [];
for (let user = 0; user < n; user++) {
  const own = new Set(Array.from({ length: 1 + Math.floor(uniform() * 15) }, () => Math.floor(uniform() * m)));
  excluded.push(...[...own].sort((a, b) => a - b));
  offsets[user + 1] = excluded.length;
}
const exclude = { offsets, items: Int32Array.from(excluded) };

const folder = mkdtempSync(join(tmpdir(), "gradpool-topk-"));
const save = (name, array) => writeFileSync(join(folder, name), new Uint8Array(array.buffer));
save("users.f32", users);
save("items.f32", items);
save("offsets.i32", offsets);
save("excluded.i32", exclude.items);

const peer = spawn(python, [fileURLToPath(new URL("topk_numpy.py", import.meta.url)), folder, n, m, dim, k], {
  stdio: ["pipe", "pipe", "inherit"],
});
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const answer = async () => {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${python} stopped: set PEER_PYTHON to a Python with NumPy`);
  return JSON.parse(value);
};

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const timed = (threads) => {
  const begin = performance.now();
  const top = rankTopK({ users, items, dim, k, exclude, ...(threads && { threads }) });
  return { top, seconds: (performance.now() - begin) / 1000 };
};

try {
  const about = await answer();
  const times = { numpy: [], all: [], one: [] };
  let peakPeer = 0;
  let top;
  for (let round = 0; round < rounds; round++) {
    peer.stdin.write("\n");
    const { seconds, peakMiB } = await answer();
    times.numpy.push(seconds);
    peakPeer = peakMiB;
    const all = timed();
    times.all.push(all.seconds);
    times.one.push(timed(1).seconds);
    top = all.top;
  }
  const theirs = new Int32Array(readFileSync(join(folder, "top.i32")).buffer);
  let same = 0;
  for (let i = 0; i < theirs.length; i++) same += theirs[i] === top.items[i] ? 1 : 0;
  const show = (name, values) =>
    console.log(
      `${name.padEnd(28)} median ${median(values).toFixed(3)} s  (${values.map((v) => v.toFixed(3)).join(" ")})  ` +
        `${(median(values) / median(times.numpy)).toFixed(2)} × NumPy`,
    );
  console.log(`${n} users × ${m} items, d = ${dim}, top ${k}, ${excluded.length} exclusions`);
  show(`NumPy ${about.numpy}, blocks of ${about.block}`, times.numpy);
  show(`rankTopK, ${availableParallelism()} threads`, times.all);
  show("rankTopK, 1 thread", times.one);
  console.log(`same item at the same rank: ${same} of ${theirs.length}`);
  console.log(
    `peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, NumPy ${peakPeer.toFixed(0)} MiB`,
  );
} finally {
  peer.kill();
  rmSync(folder, { recursive: true, force: true });
}
