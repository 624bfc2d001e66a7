/** Epochs judged by their mean rank over metrics: which is the best is known at the end alone, and its weights must be there. */
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ew } from "@gradpool/ew";
import { readMonitor } from "@gradpool/metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FitOptions, fit, readSnapshot } from "../src/index.js";
import { collect, comparable, small, weightsOf } from "./fit-helpers.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-rank-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** By epoch. Each of the first four leads when it comes; then the third again, and the fourth stays behind it by what is to come. */
const metrics = [
  { a: 1, b: 1, c: 0 },
  { a: 4, b: 1, c: 5 },
  { a: 1, b: 6, c: 6 },
  { a: 5, b: 1, c: 6 },
  { a: 5, b: 3, c: 3 },
  { a: 2, b: 3, c: 2 },
];
const monitor = "rank(a,b,c)";
const leaders = readMonitor(monitor).leaders(metrics);
const scripted =
  (epochs = 0): NonNullable<FitOptions["evaluate"]> =>
  (part) =>
    part === "valid" ? { ...metrics[epochs++]! } : { a: 7, b: 7, c: 7 };
const run = (name: string | null, change: Partial<FitOptions> = {}) =>
  small(ew(), {
    evaluate: scripted(),
    monitor,
    ...(name !== null && { checkpoint: { folder: join(folder, name), everySteps: 40 } }),
    ...change,
  });
const candidatesIn = (name: string): readonly number[] =>
  readdirSync(join(folder, name))
    .flatMap((file) => /^candidate-(\d+)\.gradpool$/.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

describe("a run whose epochs are judged by rank", () => {
  it("ends with the epoch of the best mean rank over all, an earlier one if need be, and its weights", async () => {
    expect(leaders).toEqual([0, 1, 2, 3, 2, 2]);
    const best = (leaders.at(-1) as number) + 1;
    const byRank = run("rank");
    const { result, events } = await collect(byRank.options);
    expect(result).toMatchObject({ bestEpoch: best, best: metrics[best - 1], stopped: "epochs" });
    const told = events.flatMap((event) => (event.type === "evaluation" ? [event.best] : []));
    expect(told).toEqual(leaders.map((leader, k) => leader === k));
    const upToIt = run(null, { epochs: best, monitor: "a" });
    for await (const event of fit(upToIt.options)) if (event.type === "evaluation" && event.epoch === best) break;
    expect(weightsOf(byRank.engine)).toEqual(weightsOf(upToIt.engine));
    expect(readSnapshot(join(folder, "rank", "best.gradpool")).json["fit"]).toMatchObject({ epoch: best });
    const inMemory = run(null);
    expect(comparable((await collect(inMemory.options)).result)).toEqual(comparable(result));
    expect(weightsOf(inMemory.engine)).toEqual(weightsOf(byRank.engine));
  });

  it("keeps what may yet become the best, and what the checkpoint before the newest needs", async () => {
    const going = fit(run("a").options);
    let evaluated = 0;
    for await (const event of going) {
      if (event.type === "evaluation") evaluated = event.epoch;
      if (event.type !== "checkpoint" || event.kind !== "newest" || evaluated < event.epoch) continue;
      const open = (epochs: number): readonly number[] =>
        readMonitor(monitor).candidates(metrics.slice(0, epochs)).map((k) => k + 1); // prettier-ignore
      const needed = [...new Set([...open(evaluated - 1), ...open(evaluated)])].sort((a, b) => a - b);
      expect(candidatesIn("a")).toEqual(needed);
    }
    expect(evaluated).toBe(6);
  });

  it("goes on after an end at any moment with the same result and weights, from the checkpoint before a damaged one too", async () => {
    const whole = run("whole");
    const expected = comparable((await collect(whole.options)).result);
    const { events } = await collect(run(null).options);
    const moments = events.filter(({ type }) => type !== "step").length + 6;
    for (let moment = 1; moment < moments; moment += 3) {
      const name = `cut-${moment}`;
      let seen = 0;
      let epochs = 0;
      for await (const event of fit(run(name).options)) {
        if (event.type === "checkpoint" && event.kind === "newest") epochs = event.epoch;
        if (event.type !== "step" && ++seen === moment) break;
      }
      const files = existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];
      if (moment % 2 === 0 && files.includes("previous.gradpool")) truncateSync(join(folder, name, "newest.gradpool"), 99); // prettier-ignore
      const states = files.includes("newest.gradpool");
      expect(epochs === 0 || states).toBe(true);
      // The script goes on where the checkpoint is: asked by the epochs that it has judged.
      let judged: number | undefined;
      const evaluate: NonNullable<FitOptions["evaluate"]> = (part) =>
        part === "valid" ? { ...metrics[judged!++]! } : { a: 7, b: 7, c: 7 };
      const resumed = run(name, { resume: states, evaluate });
      const going = fit(resumed.options);
      for await (const event of going) {
        if (event.type === "resume") judged = readJudged(name);
        judged ??= 0;
      }
      expect(comparable(await going.result()), name).toEqual(expected);
      expect(weightsOf(resumed.engine), name).toEqual(weightsOf(whole.engine));
    }
  });

  it("is refused where the checkpoint of an epoch that may become the best is missing or damaged", async () => {
    await collect(run("a", { epochs: 3 }).options);
    const again = () => collect(run("a", { resume: true, evaluate: scripted(3) }).options);
    const [other] = candidatesIn("a").filter((epoch) => epoch !== (leaders[2] as number) + 1);
    const path = join(folder, "a", `candidate-${other}.gradpool`);
    truncateSync(path, 300);
    await expect(again()).rejects.toThrow(`epoch ${other}, which may become the best, is damaged`);
    rmSync(path);
    await expect(again()).rejects.toThrow(`epoch ${other}, which may become the best, is missing`);
    rmSync(join(folder, "a", `candidate-${(leaders[2] as number) + 1}.gradpool`));
    await expect(again()).rejects.toThrow(/the best checkpoint, of epoch \d, is missing/);
  });

  it("goes on with more epochs as if it had had them from the start", async () => {
    await collect(run("a", { epochs: 3 }).options);
    const longer = run("a", { resume: true, evaluate: scripted(3) });
    const { result } = await collect(longer.options);
    const whole = run("whole");
    expect(comparable(result)).toEqual(comparable((await collect(whole.options)).result));
    expect(weightsOf(longer.engine)).toEqual(weightsOf(whole.engine));
  });

  it("runs out of patience by evaluations that were not the best when they came, and knows no distance", async () => {
    const waits = leaders.map((leader, k) => leader !== k);
    const first = waits.findIndex((waited, k) => waited && waits[k + 1] === true);
    const { result } = await collect(run(null, { patience: 2 }).options);
    expect(result).toMatchObject(first < 0 ? { stopped: "epochs" } : { stopped: "patience", epochs: first + 2 });
    expect(first).toBeGreaterThan(0);
    await expect(collect(run(null, { minDelta: 0.1 }).options)).rejects.toThrow(/ranks have no distance/);
  });
});

/** Epochs that the checkpoint in use has judged. */
function readJudged(name: string): number {
  for (const file of ["newest.gradpool", "previous.gradpool"])
    try {
      return (readSnapshot(join(folder, name, file)).json["fit"] as { history: readonly unknown[] }).history.length;
    } catch {
      // Damaged on purpose.
    }
  return 0;
}
