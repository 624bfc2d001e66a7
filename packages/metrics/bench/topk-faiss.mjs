/**
 * Exact top 20 of a million items beside FAISS' IndexFlatIP on the same cores, turn about, in seconds and in processor seconds:
 *
 *     PEER_PYTHON=python3 node packages/metrics/bench/topk-faiss.mjs [USERS] [ITEMS] [DIM] [ROUNDS] [SPREAD]
 *
 * After a build; Python with faiss-cpu. SPREAD is the standard deviation of the logarithm of items' norms: 0 is the hardest for bounds by
 * norms; tables that were trained have some .3 to .6. Users are asked a thousand at a time, as `recommend` does, so that memory is bounded.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { rankTopK } from "../dist/index.js";

const [n = 10_000, m = 1_000_000, dim = 64, rounds = 3, spread = 0.4] = process.argv.slice(2).map(Number);
const k = 20;
const atOnce = 1000;
const python = process.env.PEER_PYTHON ?? "python3";

let state = 42;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state + 0.5) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const users = Float32Array.from({ length: n * dim }, normal);
const items = Float32Array.from({ length: m * dim }, normal);
for (let item = 0; item < m; item++) {
  const norm = Math.exp(spread * normal());
  for (let d = 0; d < dim; d++) items[item * dim + d] *= norm;
}

const folder = mkdtempSync(join(tmpdir(), "gradpool-faiss-"));
const save = (name, array) => writeFileSync(join(folder, name), new Uint8Array(array.buffer));
save("users.f32", users);
save("items.f32", items);
const script = fileURLToPath(new URL("topk_faiss.py", import.meta.url));
const threads = availableParallelism();
const peer = spawn(python, [script, folder, n, m, dim, k, atOnce, threads], { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const answer = async () => {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${python} stopped: set PEER_PYTHON to a Python with faiss-cpu`);
  return JSON.parse(value);
};

function rankAll() {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const top = new Int32Array(n * k);
  for (let from = 0; from < n; from += atOnce) {
    const userIds = Int32Array.from({ length: Math.min(atOnce, n - from) }, (_, row) => from + row);
    top.set(rankTopK({ users, items, dim, k, userIds }).items, from * k);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { top, seconds: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
try {
  const { version } = await answer();
  const times = { faiss: [], ours: [] };
  let peakPeer = 0;
  let top;
  for (let round = 0; round < rounds; round++) {
    peer.stdin.write("\n");
    const theirs = await answer();
    peakPeer = theirs.peakMiB;
    times.faiss.push(theirs);
    const ours = rankAll();
    times.ours.push(ours);
    top = ours.top;
    console.log(`round ${round + 1}: FAISS ${theirs.seconds.toFixed(1)} s (${theirs.cpu.toFixed(1)} s of processors), rankTopK ${ours.seconds.toFixed(1)} s (${ours.cpu.toFixed(1)} s)`); // prettier-ignore
  }
  const theirs = new Int32Array(readFileSync(join(folder, "top.i32")).buffer);
  let same = 0;
  for (let i = 0; i < theirs.length; i++) same += theirs[i] === top[i] ? 1 : 0;
  const ratio = (what) => median(times.ours.map((own, round) => own[what] / times.faiss[round][what])).toFixed(2);
  console.log(
    `${n} users × ${m} items, d = ${dim}, top ${k}, spread of norms ${spread}, ${threads} threads, FAISS ${version}`,
  );
  console.log(`rankTopK / FAISS: ${ratio("seconds")} of the time, ${ratio("cpu")} of the processors' time`);
  console.log(`same item at the same rank: ${same} of ${theirs.length}`);
  console.log(`peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, FAISS ${peakPeer.toFixed(0)} MiB; the tables take ${((4 * (n + m) * dim) / 2 ** 20).toFixed(0)}`); // prettier-ignore
} finally {
  peer.kill();
  rmSync(folder, { recursive: true, force: true });
}
