/**
 * Trials that change hands: a worker that is told to end, one on another host with a disk of its own or a shared one, a comparison that is
 * killed, stages of halving on machines that share nothing, sets that differ. Workers are processes here, their hosts names of their own.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { begin, beginElsewhere, end, hasHosts, type Running } from "./command.js";
import { hasRedis, startRedis, type TestRedis } from "./redis.js";
import { long, resultsIn, summaryHere } from "./stories.js";

const rounds = Math.max(1, Number(process.env["QUEUE_ROUNDS"] ?? 1));
/** Long enough that whoever is heard of by silence alone is heard of too late. */
const patience = rounds * 600_000;

const cwd = mkdtempSync(join(tmpdir(), "gradpool-handover-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const columns = ["--columns", "user=user,item=item,time=time"];

/** A prepared set of 50 users below a folder; another `turn` is another set. */
async function makeSet(folder: string, turn: number): Promise<void> {
  const rows = Array.from({ length: 50 }, (_, user) =>
    Array.from({ length: 8 }, (__, k) => `${user},${(user * turn + k * k) % 23},${k}`),
  );
  writeFileSync(join(cwd, "rows.csv"), ["user,item,time", ...rows.flat()].join("\n"));
  const prepared = begin(cwd, ["prepare", "--format", "csv", "rows.csv", ...columns, "--out", folder]);
  if ((await prepared.ended) !== 0) throw new Error(prepared.said());
}

beforeAll(async () => {
  await makeSet("sets/mine", 7);
  await makeSet("sets/other", 5);
  // Of the same name, and not the same.
  await makeSet("elsewhere/mine", 3);
});

const running: Running[] = [];
const servers: TestRedis[] = [];
afterEach(async () => {
  for (const one of running) one.child.kill("SIGKILL");
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  await Promise.all(servers.splice(0).map((redis) => redis.kill()));
});

let made = 0;
async function redisHere(): Promise<TestRedis> {
  const redis = await startRedis(mkdtempSync(join(cwd, `redis-${made++}-`)));
  servers.push(redis);
  return redis;
}

const started = (one: Running): Running => {
  running.push(one);
  return one;
};

interface WorkerPlace {
  readonly redis: TestRedis;
  readonly runs: string;
  readonly silence?: number;
  readonly sets?: string;
  /** A host of its own. */
  readonly host?: string;
}

function work({ redis, runs, silence = 30, sets = "sets", host }: WorkerPlace): Running {
  const args = ["worker", "--queue", redis.url, "--data", sets, "--runs", runs, "--silence", String(silence)];
  return started(host === undefined ? begin(cwd, args) : beginElsewhere(host, cwd, args));
}

const ask = (redis: TestRedis, out: string, asked: readonly string[]): Running =>
  started(begin(cwd, ["bench", ...asked, "--queue", redis.url, "--out", out]));

/** The one trial's log on a worker's disk, once it has so many epochs. */
async function logOf(runs: string, lines = 4): Promise<string> {
  for (;;) {
    const [trial] = existsSync(join(cwd, runs)) ? readdirSync(join(cwd, runs)) : [];
    const path = trial === undefined ? "" : join(cwd, runs, trial, "metrics.jsonl");
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (text.split("\n").length > lines) return text.slice(0, text.lastIndexOf("\n") + 1);
    await pause(20);
  }
}

/** The trial's log as it came home. */
function logAtHome(out: string): string {
  const trials = join(cwd, out, "trials");
  return readFileSync(join(trials, readdirSync(trials)[0] as string, "metrics.jsonl"), "utf8");
}

async function expectSame(bench: Running, out: string, asked: readonly string[]): Promise<void> {
  expect(await bench.ended, bench.said()).toBe(0);
  const { summary, ids } = resultsIn(join(cwd, out));
  expect(new Set(ids).size).toBe(ids.length);
  expect(summary).toBe(await summaryHere(cwd, asked));
}

describe.skipIf(!hasRedis)("a trial that changes hands (with a redis-server)", () => {
  it(
    "goes on from its checkpoint when its worker is told to end, before anybody misses it, and the comparison, killed, finds it",
    async () => {
      for (let n = 0; n < rounds; n++) {
        const [out, runs] = [`told-${n}`, `shared-${n}`];
        const redis = await redisHere();
        const first = work({ redis, runs });
        const killed = ask(redis, out, long);
        const before = await logOf(runs);
        await end(killed, "SIGKILL");
        await end(first, "SIGTERM");
        expect(first.said()).toMatch(/ew seed 1 is handed back/);
        const second = work({ redis, runs });
        const bench = ask(redis, out, long);
        await expectSame(bench, out, long);
        expect(bench.said()).not.toMatch(/is silent/);
        expect(second.said()).toMatch(/ew seed 1 begins/);
        // The first epochs are those that the first worker wrote: nobody trained them again.
        expect(logAtHome(out).startsWith(before)).toBe(true);
      }
    },
    patience,
  );

  it.skipIf(!hasHosts)(
    "is trained anew by a worker of another host that shares no disk, or goes on where it does (with unshare)",
    async () => {
      for (let n = 0; n < rounds; n++) {
        for (const shared of [false, true]) {
          const out = `host-${n}-${shared}`;
          const [runs, others] = [`${out}-a`, shared ? `${out}-a` : `${out}-b`];
          const redis = await redisHere();
          const first = work({ redis, runs, silence: 1, host: "alpha" });
          const bench = ask(redis, out, long);
          await logOf(runs);
          await end(first, "SIGKILL");
          // Its trial goes with it, as it does with a machine.
          await gone(runs);
          const before = await logOf(runs);
          if (shared) forgetBeat(runs);
          work({ redis, runs: others, silence: 1, host: "beta" });
          await expectSame(bench, out, long);
          expect(logAtHome(out).startsWith(before.slice(0, before.indexOf("\n")))).toBe(shared);
        }
      }
    },
    patience,
  );

  it(
    "of halving is trained again, to the same bits, where its stages are on machines that share nothing; other sets wait for who has them",
    async () => {
      const search = ["--search", "lr=log(1e-3,1e-1)", "--strategy", "halving", "--trials", "3", "--epochs", "9"];
      const asked = (set: string): string[] => ["--data", set, "--model", "mf(dim=4)", "--pools", "ew,pcgrad", "--seeds", "1", ...search]; // prettier-ignore
      for (let n = 0; n < rounds; n++) {
        const redis = await redisHere();
        const wrong = work({ redis, runs: `wrong-${n}`, sets: "elsewhere" });
        const mine = ask(redis, `mine-${n}`, asked("sets/mine"));
        // It has a set of that name, and takes nothing.
        await mine.says(/no machine takes these trials yet: .* with mine \([0-9a-f]{12}\) below its --data/);
        const other = ask(redis, `other-${n}`, asked("sets/other"));
        work({ redis, runs: `a-${n}` });
        work({ redis, runs: `b-${n}` });
        await expectSame(mine, `mine-${n}`, asked("sets/mine"));
        await expectSame(other, `other-${n}`, asked("sets/other"));
        expect(wrong.said()).not.toMatch(/begins/);
        // Those of other rounds have a queue of their own: they would take nothing but time.
        await Promise.all(running.map((one) => end(one, "SIGKILL")));
      }
    },
    patience,
  );
});

const lockOf = (runs: string): string => join(cwd, runs, readdirSync(join(cwd, runs))[0] as string, "lock.json");

/** Waits until the trial's process has left its folder, or is over. */
async function gone(runs: string): Promise<void> {
  for (;;) {
    const path = lockOf(runs);
    if (!existsSync(path)) return;
    const { pid } = JSON.parse(readFileSync(path, "utf8")) as { readonly pid: number };
    if (!existsSync(`/proc/${pid}`)) return;
    process.kill(pid, "SIGKILL");
    await pause(20);
  }
}

/** As if minutes had passed since its host was last heard of. */
function forgetBeat(runs: string): void {
  const path = lockOf(runs);
  if (!existsSync(path)) return;
  const then = new Date(Date.now() - 3_600_000);
  utimesSync(path, then, then);
}
