import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisProcess } from "@gradpool/files";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateShop, readManifest, writePrepared } from "../src/index.js";
import { intoFolder } from "../src/set/publish.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-publish-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const set = generateShop({ users: 60, items: 50 });
const out = (): string => join(folder, "set");
const dead = 4_190_000;

/** What a process that was killed left: its working folder, and in it perhaps the set that it was to replace. */
function killed(record: object | null, moved: boolean): string {
  const work = join(folder, `.set.partial-${dead}-abcdef`);
  mkdirSync(join(work, "set"), { recursive: true });
  if (record !== null) writeFileSync(join(work, "owner.json"), JSON.stringify(record));
  if (moved) renameSync(out(), join(work, "set.old"));
  return work;
}
const gone = (): object => ({ ...thisProcess(), pid: dead, started: "1" });

describe("a set that is replaced", () => {
  it("is put back by the next command that reads it, after a kill between the two renames", async () => {
    const manifest = await writePrepared(set, out());
    killed(gone(), true);
    expect(existsSync(out())).toBe(false);
    expect(await readManifest(out())).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(readdirSync(folder)).toEqual(["set"]);
  });

  it("is put back by the next prepare, which is refused as before without force", async () => {
    await writePrepared(set, out());
    killed(gone(), true);
    await expect(writePrepared(set, out())).rejects.toThrow(/the folder exists/);
    expect(readdirSync(folder)).toEqual(["set"]);
    killed(gone(), true);
    await writePrepared(set, out(), { force: true });
    expect(readdirSync(folder)).toEqual(["set"]);
  });

  it.each([
    ["with its record", gone],
    ["before its record", () => null],
  ])("loses what a process left that was killed %s", async (_, record) => {
    killed(record(), false);
    await writePrepared(set, out());
    expect(readdirSync(folder)).toEqual(["set"]);
  });

  it("leaves the working folder of a process that runs alone", async () => {
    const work = killed(thisProcess(), false);
    await writePrepared(set, out());
    expect(existsSync(work)).toBe(true);
  });

  it("takes the place of no file, with force or without, and says what the disk says", async () => {
    writeFileSync(out(), "mine");
    for (const force of [false, true])
      await expect(writePrepared(set, out(), { force })).rejects.toThrow(/a file is there .*set.*: give a folder/);
    expect(readFileSync(out(), "utf8")).toBe("mine");
    await expect(writePrepared(set, join(out(), "below"))).rejects.toThrow(/the folder cannot be made: EEXIST/);
    await expect(writePrepared(set, join(folder, "n".repeat(300)))).rejects.toThrow(
      /can be written here: ENAMETOOLONG/,
    );
    expect(readdirSync(folder)).toEqual(["set"]);
  });

  it("is never another one's: what came there while it was made stays", async () => {
    const made = intoFolder(out(), false, async (work) => {
      mkdirSync(join(work, "set"));
      mkdirSync(out());
      writeFileSync(join(out(), "notes"), "mine");
    });
    await expect(made).rejects.toThrow(/the folder exists/);
    expect(readFileSync(join(out(), "notes"), "utf8")).toBe("mine");
    expect(readdirSync(folder)).toEqual(["set"]);
  });
});
