import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeLeftovers, replaceFile, syncTree, writeWhole } from "../src/index.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file that is replaced", () => {
  it("holds the whole new text, and nothing else is left", () => {
    writeWhole(join(folder, "a.json"), "one");
    writeWhole(join(folder, "a.json"), "two");
    expect(readFileSync(join(folder, "a.json"), "utf8")).toBe("two");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  it("holds what it held when writing fails half-way, and nothing else is left", () => {
    const path = join(folder, "a.json");
    writeWhole(path, "one");
    expect(() =>
      replaceFile(path, "do this", (file) => {
        writeSync(file, "half");
        throw new Error("the disk is full");
      }),
    ).toThrow(/the disk is full.*a\.json\): do this/);
    expect(readFileSync(path, "utf8")).toBe("one");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  it("says which folder is not there", () => {
    expect(() => writeWhole(join(folder, "none", "a.json"), "")).toThrow(/could not be written.*ENOENT.*none/);
  });
});

describe("what a kill left", () => {
  it("goes for the names that are the caller's, and for no others", () => {
    for (const name of ["a.json.12.tmp", "b.json.12.tmp", "a.json.tmp", "a.json"])
      writeFileSync(join(folder, name), "");
    removeLeftovers(folder, ["a.json"]);
    expect(readdirSync(folder).sort()).toEqual(["a.json", "a.json.tmp", "b.json.12.tmp"]);
  });
});

it("a whole tree can be flushed", () => {
  writeFileSync(join(folder, "a"), "x");
  expect(() => syncTree(folder)).not.toThrow();
  expect(() => syncTree(join(folder, "none"))).toThrow(/ENOENT/);
});
