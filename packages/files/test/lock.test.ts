import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRunning, lockFolder, type Owner, refuseLocked, thisProcess } from "../src/index.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that does nothing until it is killed, and what another process writes of it. */
async function sleeper(): Promise<{ readonly child: ChildProcess; readonly owner: Owner }> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"]);
  await once(child.stdout!, "data");
  const { machine } = thisProcess();
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  return { child, owner: { pid: child.pid!, started: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]!, machine } };
}

const record = (): string => join(folder, "lock.json");
const holds = (owner: object): void => writeFileSync(record(), JSON.stringify(owner));

describe("a folder's lock", () => {
  it("refuses a second one in one line that names the process, and leaves nothing once released", async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(`another process (${process.pid}) is writing here (${folder})`);
    expect(() => refuseLocked(folder)).toThrow("is writing here");
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    (await lockFolder(folder)).release();
  });

  it("is got by one of twenty that ask at once", async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("of a process that runs holds, and is taken over the moment that it is killed", async () => {
    const { child, owner } = await sleeper();
    holds(owner);
    await expect(lockFolder(folder)).rejects.toThrow(`another process (${owner.pid})`);
    child.kill("SIGKILL");
    await once(child, "close");
    (await lockFolder(folder)).release();
  });

  it("is waited for as long as the caller says", async () => {
    const { child, owner } = await sleeper();
    holds(owner);
    setTimeout(() => child.kill("SIGKILL"), 200);
    (await lockFolder(folder, { patience: 20_000 })).release();
  });

  it("is got where who had it took the folder away with it", async () => {
    const gone = join(folder, "trial");
    mkdirSync(gone);
    const { child, owner } = await sleeper();
    writeFileSync(join(gone, "lock.json"), JSON.stringify(owner));
    setTimeout(() => rmSync(gone, { recursive: true }), 120);
    const lock = await lockFolder(gone, { patience: 20_000 });
    expect(readdirSync(gone)).toEqual(["lock.json"]);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    child.kill("SIGKILL");
  });

  it("of another process that was given the same number is nobody's", async () => {
    holds({ ...thisProcess(), started: "1" });
    (await lockFolder(folder)).release();
  });

  it("from another machine holds while it is touched, and not after minutes of silence", async () => {
    holds({ ...thisProcess(), machine: "elsewhere 1" });
    await expect(lockFolder(folder)).rejects.toThrow(/on elsewhere\).*if it was killed, some minutes/);
    utimesSync(record(), 0, Date.now() / 1000 - 3600);
    (await lockFolder(folder)).release();
  });

  it("is nobody's when its record does not read", async () => {
    writeFileSync(record(), "{");
    (await lockFolder(folder)).release();
  });

  it("takes away again what folders it made, and no folder that somebody uses", async () => {
    const deep = join(folder, "a", "b");
    (await lockFolder(deep)).release();
    expect(readdirSync(folder)).toEqual([]);
    const lock = await lockFolder(deep);
    mkdirSync(join(folder, "a", "used"));
    lock.release();
    expect(existsSync(deep)).toBe(false);
    expect(readdirSync(join(folder, "a"))).toEqual(["used"]);
  });

  it("says why a folder cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(lockFolder(join(folder, "file", "run"))).rejects.toThrow(/cannot be made.*ENOTDIR/);
  });

  it.each(["lock.gate", "lock.json.7-1-00c0ffee-0.tmp"])("survives a kill that left %s", async (left) => {
    if (left.endsWith("tmp")) writeFileSync(join(folder, left), "half");
    else mkdirSync(join(folder, left));
    (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

it("tells whether a process runs", async () => {
  expect(isRunning(thisProcess())).toBe(true);
  expect(isRunning({ ...thisProcess(), machine: "elsewhere" })).toBeNull();
  const { child, owner } = await sleeper();
  child.kill("SIGKILL");
  await once(child, "close");
  expect(isRunning(owner)).toBe(false);
});
