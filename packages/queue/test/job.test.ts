import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defaultConfig } from "@gradpool/runs";
import { afterAll, describe, expect, it } from "vitest";
import { prepare } from "../../data/src/index.js";
import { shownUrl } from "../src/shared/connect.js";
import { packFiles, unpackFiles } from "../src/shared/files.js";
import { byHash, readJob } from "../src/shared/job.js";
import { readProgress } from "../src/shared/progress.js";
import { plain } from "../src/shared/plain.js";
import { runJob } from "../src/worker/run-job.js";
import { findSets, holdSets } from "../src/worker/sets.js";
import { slotsOf } from "../src/worker/slots.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-job-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hex = (digits: number): string => "0123456789abcdef".repeat(4).slice(0, digits);
const config = { ...defaultConfig, data: byHash };
const trial = { id: hex(16), label: "ew", point: { lr: 0.1 }, config };
const job = { version: 1, bench: hex(16), trial, dataHash: hex(64), code: {} };

describe("what a worker reads from a queue", () => {
  it("is a trial, with the data's hash in place of its folder", () => {
    expect(readJob(job)).toEqual(job);
    const shop = { ...job, trial: { ...trial, config: { ...config, data: "shop(users=60)" } } };
    expect(readJob(shop).trial.config.data).toBe("shop(users=60)");
  });

  it.each([
    ["of another version", { ...job, version: 2 }],
    ["whose folder leads elsewhere", { ...job, bench: "../../../../etc" }],
    ["whose trial leads elsewhere", { ...job, trial: { ...trial, id: "../../../home/a" } }],
    ["whose stage leads elsewhere", { ...job, trial: { ...trial, folder: "../0123456789abc" } }],
    ["that names a folder of data", { ...job, trial: { ...trial, config: { ...config, data: "/home" } } }],
    ["with an option that there is not", { ...job, trial: { ...trial, config: { ...config, shell: "rm" } } }],
    ["with a value that is none", { ...job, trial: { ...trial, config: { ...config, lr: "fast" } } }],
    ["with a point that is none", { ...job, trial: { ...trial, point: { lr: { toString: "x" } } } }],
    ["with code that has no digest", { ...job, code: { "./a.js": "" } }],
    ["that is nothing", null],
  ])("is refused where it is a job %s", (_, held) => {
    expect(() => readJob(held)).toThrow(expect.objectContaining({ name: "GradpoolError" }));
  });
});

describe("what a bench reads from a queue", () => {
  it("is the files of a run, and no others", () => {
    const [there, here] = [join(folder, "there"), join(folder, "here")];
    unpackFiles({ version: 1, machine: "a", files: { "result.json": packed("{}"), "../evil": packed("!"), evil: packed("!") } }, there); // prettier-ignore
    expect(readFileSync(join(there, "result.json"), "utf8")).toBe("{}");
    expect([existsSync(join(folder, "evil")), existsSync(join(there, "evil"))]).toEqual([false, false]);
    writeFileSync(join(there, "config.json"), "1");
    writeFileSync(join(there, "notes.txt"), "private");
    const answer = packFiles(there, "a");
    expect(Object.keys(answer.files).sort()).toEqual(["config.json", "result.json"]);
    unpackFiles(JSON.parse(JSON.stringify(answer)), here);
    expect(readFileSync(join(here, "config.json"), "utf8")).toBe("1");
  });

  it.each([
    ["no answer", null],
    ["no files", { version: 1, machine: "a" }],
    ["what does not unpack", { version: 1, machine: "a", files: { "config.json": "AAAA" } }],
  ])("is refused where it is %s", (_, answer) => {
    expect(() => unpackFiles(answer, join(folder, "refused"))).toThrow(expect.objectContaining({ code: "damaged" }));
  });

  it("reaches the terminal without control characters", () => {
    expect(plain("a\u001b[31mb\nc\u202e")).toBe("a [31mb c");
    const message = { type: "progress", epoch: 1, epochs: 2, step: 3, steps: 4, samplesPerSecond: 5 };
    expect(readProgress({ machine: "a\u001b]0;x\u0007", message })?.machine).toBe("a ]0;x");
    expect(readProgress({ machine: "a", message: { ...message, step: "\u001b" } })).toBeNull();
    expect(readProgress({ machine: "a", message: { type: "evaluation", epoch: 1, metrics: { auc: "x" } } })).toBeNull();
  });
});

const packed = (text: string): string => gzipSync(text).toString("base64");

describe("a worker", () => {
  it("never takes more trials than it has places, whichever queue they come from", () => {
    const slots = slotsOf(2);
    const called: number[] = [];
    expect([slots.take(), slots.take(), slots.take()]).toEqual([true, true, false]);
    slots.whenFree(() => called.push(1));
    slots.give();
    slots.give();
    expect([called, slots.busy()]).toEqual([[1], 0]);
  });

  it("passes over a set that cannot be read, and refuses a folder that is not there", async () => {
    const notes: string[] = [];
    const sets = join(folder, "sets", "broken");
    mkdirSync(sets, { recursive: true });
    writeFileSync(join(sets, "manifest.json"), "{");
    expect((await findSets([join(folder, "sets")], (line) => notes.push(line))).size).toBe(0);
    expect(notes).toEqual([expect.stringMatching(/^a set is passed over: .*manifest\.json/)]);
    await expect(findSets([join(folder, "nowhere")], () => undefined)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a set that becomes another while its worker runs", () => {
  const sets = join(folder, "changing");
  const write = async (turn: number): Promise<void> => {
    const lines = Array.from({ length: 60 }, (_, k) => `u${k % 12},i${(k * turn) % 11},${k}`);
    writeFileSync(join(folder, "rows.csv"), ["user,item,time", ...lines].join("\n"));
    const columns = { user: "user", item: "item", time: "time" };
    await prepare({ format: "csv", input: [join(folder, "rows.csv")], columns, out: join(sets, "mine"), force: true });
  };

  it("is trained on no more: its trials are refused in one line, until the set is back", async () => {
    await write(7);
    const held = await holdSets([sets], () => undefined);
    const [hash = ""] = held.hashes();
    expect(await held.find(hash)).toBe(join(sets, "mine"));
    await write(5);
    expect(await held.find(hash)).toBeUndefined();
    const options = { machine: "alpha", runs: join(folder, "runs"), allow: [], signal: new AbortController().signal };
    const silent = { onStart: () => undefined, onMessage: () => undefined, onNote: () => undefined };
    const asked = runJob({ ...job, dataHash: hash }, { ...options, ...silent, find: (one) => held.find(one) });
    // Not tried again: it would come again.
    await expect(asked).rejects.toMatchObject({
      name: "UnrecoverableError",
      message: `no set has the hash ${hash.slice(0, 12)} any more (alpha): copy the set as it is to all machines: one that is prepared again may differ`,
    });
    expect(existsSync(join(folder, "runs"))).toBe(false);
    await write(7);
    expect(await held.find(hash)).toBe(join(sets, "mine"));
  });
});

describe("an address", () => {
  it("is shown without its password", () => {
    expect(shownUrl("rediss://me:s3cret@redis.example.org:6380/2")).toBe("rediss://redis.example.org:6380/2");
  });

  it.each(["http://a", "redis:", "s3cret", "redis://a/b"])(
    "is refused without being shown where it is none: %s",
    (url) => {
      expect(() => shownUrl(url)).toThrow(/^the address is none of a Redis \(queue\): write redis:/);
    },
  );
});
