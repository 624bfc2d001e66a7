import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fillFile, fillFolder, removeLeftovers, replaceFile, syncTree, writeWhole } from "../src/index.js";
import { beginTemporary, endTemporary } from "../src/temporary.js";

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

  it("leaves a folder that stands in a file's place, and says so", () => {
    const path = join(folder, "card.json");
    mkdirSync(path);
    expect(() => writeWhole(path, "{}")).toThrow(/it is a folder, not a file .*card\.json.*: move the folder away/);
    expect(readdirSync(folder)).toEqual(["card.json"]);
  });

  it("says which folder is not there", () => {
    expect(() => writeWhole(join(folder, "none", "a.json"), "")).toThrow(/could not be written.*ENOENT.*none/);
  });
});

/** The name under which a process writes: one that was killed, this one, or one on another machine. */
function temporaryOf(path: string, who: "dead" | "alive" | "elsewhere"): string {
  const own = beginTemporary(path);
  endTemporary(own);
  if (who === "dead") return own.replace(/\d+-\d+(-[0-9a-f]{8}-\d+\.tmp)$/, "4190000-1$1");
  return who === "alive" ? own : own.replace(/[0-9a-f]{8}(-\d+\.tmp)$/, "00c0ffee$1");
}

describe("what a kill left", () => {
  it("of these names goes, whoever wrote them, and nothing else: the folder is the caller's", () => {
    const left = ["a.json", "b.json"].map((name) => temporaryOf(join(folder, name), "elsewhere"));
    for (const path of [...left, join(folder, "a.json.tmp"), join(folder, "a.json")]) writeFileSync(path, "");
    removeLeftovers(folder, ["a.json"]);
    expect(readdirSync(folder).sort()).toEqual(["a.json", "a.json.tmp", basename(left[1]!)]);
  });

  it("of a file goes with the next one of that name; what runs, here or elsewhere, is not disturbed", async () => {
    const path = join(folder, "a.csv");
    const [dead, alive, elsewhere] = (["dead", "alive", "elsewhere"] as const).map((who) => temporaryOf(path, who));
    const kept = [alive!, elsewhere!, temporaryOf(join(folder, "b.csv"), "dead")];
    for (const file of [dead!, `${dead}.csv`, ...kept]) writeFileSync(file, "half");
    writeWhole(path, "all\n");
    expect(readdirSync(folder).sort()).toEqual(["a.csv", ...kept.map((file) => basename(file))].sort());
    writeFileSync(dead!, "half");
    await fillFile(path, "", (to) => writeFile(to, "all\n"));
    expect(existsSync(dead!)).toBe(false);
  });

  it("of a folder goes with the next one of that name", async () => {
    const dead = temporaryOf(join(folder, "set"), "dead");
    mkdirSync(join(dead, "weights"), { recursive: true });
    await fillFolder(join(folder, "set"), (work) => writeFile(join(work, "card.json"), "{}"));
    expect(readdirSync(folder)).toEqual(["set"]);
  });
});

describe("a file that others write", () => {
  it("appears with what they answer, and working files go", async () => {
    const path = join(folder, "a.parquet");
    const rows = await fillFile(path, "", async (to) => {
      await writeFile(`${to}.csv`, "1\n");
      await writeFile(to, "PAR1");
      expect(existsSync(path)).toBe(false);
      return 1;
    });
    expect(rows).toBe(1);
    expect(readdirSync(folder)).toEqual(["a.parquet"]);
  });

  it("holds what it held when they fail, in their words or in those of the system", async () => {
    const path = join(folder, "a.csv");
    writeWhole(path, "one");
    const own = new GradpoolError({ code: "usage", what: "no such user", where: "ids", remedy: "look" });
    const fails = (error: Error) =>
      fillFile(path, "do this", async (to) => {
        await writeFile(to, "half");
        throw error;
      });
    await expect(fails(own)).rejects.toBe(own);
    await expect(fails(new Error("the disk is full"))).rejects.toThrow(/the disk is full.*a\.csv\): do this/);
    expect(readdirSync(folder)).toEqual(["a.csv"]);
    expect(readFileSync(path, "utf8")).toBe("one");
  });
});

describe("a folder that is made", () => {
  it("appears whole, with the folders above it, or not at all, and without them", async () => {
    const out = join(folder, "deep", "set");
    const made = fillFolder(out, async (work) => {
      await writeFile(join(work, "a"), "");
      expect(existsSync(out)).toBe(false);
      throw new Error("the disk is full");
    });
    await expect(made).rejects.toThrow(/could not be written: the disk is full/);
    expect(readdirSync(folder)).toEqual([]);
    await fillFolder(out, (work) => writeFile(join(work, "a"), ""));
    expect(readdirSync(join(folder, "deep"))).toEqual(["set"]);
  });

  it("is never put over one that is there, or that came meanwhile", async () => {
    const out = join(folder, "set");
    const made = fillFolder(out, async () => mkdirSync(out));
    await expect(made).rejects.toThrow(/it is there already/);
    await expect(fillFolder(out, async () => expect.unreachable())).rejects.toThrow(/it is there already/);
    expect(readdirSync(folder)).toEqual(["set"]);
  });
});

it("a whole tree can be flushed", () => {
  writeFileSync(join(folder, "a"), "x");
  expect(() => syncTree(folder)).not.toThrow();
  expect(() => syncTree(join(folder, "none"))).toThrow(/ENOENT/);
});

/** What tables, reports, exports and cards are written by; prepared sets and runs have their own tests. */
describe("two that write at once", () => {
  const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const halves = async (path: string, word: string): Promise<string> => {
    await writeFile(path, word);
    for (let turns = Math.floor(3 * Math.random()); turns > 0; turns--) await pause();
    await writeFile(path, `${word}${word}`);
    return word;
  };

  it("leave a file that is one of the two, whole, and nothing beside it", async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const path = join(folder, "table.csv");
      const both = ["one", "two"].map((word) => fillFile(path, "make room", (temporary) => halves(temporary, word)));
      expect(await Promise.all(both)).toEqual(["one", "two"]);
      expect(readFileSync(path, "utf8")).toMatch(/^(oneone|twotwo)$/);
      expect(readdirSync(folder)).toEqual(["table.csv"]);
    }
  });

  it("leave one folder, whole: the other is refused in one line, and nothing of it is left", async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const out = join(folder, "set");
      const both = ["one", "two"].map((word) =>
        fillFolder(out, async (temporary) => {
          await halves(join(temporary, "a"), word);
          await pause();
          return halves(join(temporary, "b"), word);
        }),
      );
      const ended = await Promise.allSettled(both);
      const [won] = ended.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      const lost = ended.flatMap((one) => (one.status === "rejected" ? (one.reason as GradpoolError) : []));
      expect(lost.map(({ code, what }) => `${code}: ${what}`)).toEqual(["usage: it is there already"]);
      for (const name of ["a", "b"]) expect(readFileSync(join(out, name), "utf8")).toBe(`${won}${won}`);
      expect(readdirSync(folder)).toEqual(["set"]);
      rmSync(out, { recursive: true });
    }
  });
});
