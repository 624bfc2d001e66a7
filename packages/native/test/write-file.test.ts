import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { writeFileFrom } from "../src/write-file.js";
import { temporary } from "./fixture.js";

const folder = temporary();
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileFrom", () => {
  it("writes what the source gives", async () => {
    mkdirSync(folder, { recursive: true });
    await writeFileFrom(
      Readable.from([Buffer.from("a"), Buffer.from("b")]),
      new PassThrough(),
      join(folder, "f"),
      undefined,
    );
    expect(readFileSync(join(folder, "f"), "utf8")).toBe("ab");
  });

  it("touches nothing any more once it has failed, however early the source breaks off", async () => {
    mkdirSync(folder, { recursive: true });
    for (const delay of [undefined, 0, 1]) {
      for (let turn = 0; turn < 50; turn++) {
        const source = new Readable({ read: () => {} });
        const path = join(folder, `${delay}-${turn}`);
        const written = writeFileFrom(source, new PassThrough(), path, undefined);
        if (delay === undefined) source.destroy(new Error("broke off"));
        else void sleep(delay).then(() => source.destroy(new Error("broke off")));
        await expect(written).rejects.toThrow("broke off");
        rmSync(path, { force: true });
      }
    }
    await sleep(20);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stops at an abort, and lets the source go where the file cannot be opened", async () => {
    mkdirSync(folder, { recursive: true });
    const stop = new AbortController();
    const written = writeFileFrom(new Readable({ read: () => {} }), new PassThrough(), join(folder, "f"), stop.signal);
    stop.abort();
    await expect(written).rejects.toThrow("aborted");
    const source = new Readable({ read: () => {} });
    await expect(writeFileFrom(source, new PassThrough(), folder, undefined)).rejects.toThrow("EISDIR");
    expect(source.destroyed).toBe(true);
  });
});
