import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkpointStore, readSnapshot, type Snapshot, writeSnapshot } from "../src/index.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const snapshot = (step: number): Snapshot => ({
  json: { step, text: "ä", nested: { list: [1, 2.5, null] } },
  arrays: new Map<string, Float32Array | Float64Array | Int32Array | Uint8Array>([
    ["w", Float32Array.from([1.5, -0, Number.NaN, 3e38, step])],
    ["m", Float64Array.from([Math.PI, 5e-324])],
    ["ids", Int32Array.from([-1, 2_147_483_647])],
    ["mask", Uint8Array.from([1, 0, 255])],
    ["empty", new Float32Array(0)],
  ]),
});

describe("a checkpoint", () => {
  it("gives back the bits that were written", () => {
    const path = join(folder, "a.gradpool");
    writeSnapshot(path, snapshot(3));
    const read = readSnapshot(path);
    expect(read.json).toEqual(snapshot(3).json);
    for (const [name, array] of snapshot(3).arrays) {
      const held = read.arrays.get(name);
      expect(held?.constructor).toBe(array.constructor);
      expect(Buffer.from(held?.buffer as ArrayBuffer)).toEqual(Buffer.from(array.buffer as ArrayBuffer));
    }
  });

  it("is refused with the file's name after any single bit was flipped", () => {
    const path = join(folder, "a.gradpool");
    writeSnapshot(path, snapshot(3));
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      writeFileSync(path, bytes);
      expect(() => readSnapshot(path), `byte ${at}`).toThrow(path);
    }
  });

  it("is refused wherever it was cut off", () => {
    const path = join(folder, "a.gradpool");
    writeSnapshot(path, snapshot(3));
    for (let size = readFileSync(path).length - 1; size >= 0; size -= 7) {
      truncateSync(path, size);
      expect(() => readSnapshot(path)).toThrow(/damaged/);
    }
  });

  it("of a newer format is refused with its version", () => {
    const path = join(folder, "a.gradpool");
    writeSnapshot(path, snapshot(3));
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(9, 8);
    writeFileSync(path, bytes);
    expect(() => readSnapshot(path)).toThrow(/version 9.*reads version 1/);
  });

  it("that cannot be written leaves nothing behind and says why", () => {
    expect(() => writeSnapshot(join(folder, "none", "a.gradpool"), snapshot(1))).toThrow(
      /could not be written.*ENOENT/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a run's checkpoints", () => {
  it("keep the newest, the one before it, and the best", () => {
    const store = checkpointStore(folder);
    expect(store.loadNewest()).toBeNull();
    expect(store.loadBest()).toBeNull();
    for (const step of [1, 2, 3]) store.saveNewest(snapshot(step));
    store.saveBest(snapshot(2));
    expect(store.loadNewest()?.snapshot.json["step"]).toBe(3);
    expect(store.loadBest()?.json["step"]).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(["best.gradpool", "newest.gradpool", "previous.gradpool"]);
  });

  it("fall back on the older one when the newest is damaged, and say so", () => {
    const store = checkpointStore(folder);
    for (const step of [1, 2]) store.saveNewest(snapshot(step));
    truncateSync(join(folder, "newest.gradpool"), 100);
    const loaded = store.loadNewest();
    expect(loaded?.snapshot.json["step"]).toBe(1);
    expect(loaded?.warnings).toHaveLength(1);
    expect(loaded?.warnings[0]).toContain("newest.gradpool");
  });

  it("refuse to go on when every one is damaged", () => {
    const store = checkpointStore(folder);
    for (const step of [1, 2]) store.saveNewest(snapshot(step));
    for (const name of ["newest", "previous"]) truncateSync(join(folder, `${name}.gradpool`), 100);
    expect(() => store.loadNewest()).toThrow(/no whole checkpoint/);
  });

  it("sweep away what a killed writer left", () => {
    writeFileSync(join(folder, "newest.gradpool.77-1-00c0ffee-0.tmp"), "half");
    writeFileSync(join(folder, "notes.77-1-00c0ffee-0.tmp"), "the user's own");
    const store = checkpointStore(folder);
    expect(store.loadNewest()).toBeNull();
    expect(readdirSync(folder)).toHaveLength(2);
    store.saveNewest(snapshot(1));
    expect(readdirSync(folder).sort()).toEqual(["newest.gradpool", "notes.77-1-00c0ffee-0.tmp"]);
  });
});
