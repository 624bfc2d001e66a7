/**
 * `gradpool train` and RecBole's BPR on the same split, in turns: epochs with a full ranking of the validation pairs after each. No test.
 *
 *     npx gradpool prepare … --out SET
 *     PEER_PYTHON=… node test/step/train-beside.mjs SET FOLDER [ROUNDS]
 *
 * SET: what `prepare` made of FOLDER, which has buy.txt, valid.txt and test.txt. Seconds by the clock; ours has the start of the process in them and
 * two behaviours to learn from, theirs neither.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [set, folder, rounds = "3"] = process.argv.slice(2);
if (set === undefined || folder === undefined)
  throw new Error("give a prepared set, and the folder that it was made of");
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const epochs = "20";

function timed(command, args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.slice(-1000)}`);
  return { seconds: (performance.now() - start) / 1000, stdout };
}

function ours(threads) {
  const out = mkdtempSync(join(tmpdir(), "gradpool-beside-"));
  const flags = [
    "--model",
    "mf",
    "--pool",
    "pcgrad",
    "--epochs",
    epochs,
    "--threads",
    threads,
    "--out",
    join(out, "run"),
  ];
  const { seconds } = timed(process.execPath, [
    at("../../packages/cli/bin/gradpool.js"),
    "train",
    "--data",
    set,
    ...flags,
  ]);
  rmSync(out, { recursive: true });
  return seconds;
}

function recbole(threads) {
  const args = [at("../peers/recbole_bpr.py"), folder, "--epochs", epochs, "--threads", threads];
  const said = JSON.parse(
    timed(process.env.PEER_PYTHON ?? "python3", args)
      .stdout.trim()
      .split("\n")
      .at(-1),
  );
  return said.train + said.evaluate;
}

const sides = {
  "gradpool, 1 thread": () => ours("1"),
  "gradpool, 2 threads": () => ours("2"),
  "RecBole, 2 threads": () => recbole("2"),
};
const taken = Object.keys(sides).map(() => []);
for (let round = 0; round < Number(rounds); round++) {
  for (const [k, side] of Object.values(sides).entries()) taken[k].push(side());
  console.log(Object.keys(sides).map((name, k) => `${name}: ${taken[k].at(-1).toFixed(2)} s`).join("   ")); // prettier-ignore
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const last = taken.length - 1;
for (const [k, name] of Object.keys(sides).entries()) {
  const ratios = taken[k].map((seconds, round) => seconds / taken[last][round]);
  console.log(`${name}: median ${median(taken[k]).toFixed(2)} s, / RecBole ${median(ratios).toFixed(3)}`);
}
