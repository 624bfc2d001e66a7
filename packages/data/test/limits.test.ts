/** Whatever a file is, memory stays bounded, an interruption is prompt, and the path means itself. */
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { loadPrepared, prepare, type PrepareOptions } from "../src/index.js";
import { refusal, scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());
const out = `${disk.folder}/out`;
const columns = { user: "u", item: "i" };
const rows = Array.from({ length: 300 }, (_, k) => `${k % 20},${k % 17}`).join("\n");
const table = `u,i\n${rows}\n`;

/** A gzip archive of `head`, then `megabytes` without a line end, then `tail`. */
async function longLine(name: string, head: string, megabytes: number, tail: string): Promise<string> {
  const path = `${disk.folder}/${name}`;
  const piece = Buffer.alloc(1 << 20, "x,");
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(head);
    for (let k = 0; k < megabytes; k++) yield piece;
    yield Buffer.from(tail);
  }
  await pipeline(Readable.from(pieces()), createGzip({ level: 1 }), createWriteStream(path));
  return path;
}

const peak = (): number => process.resourceUsage().maxRSS / 1024;

describe("files of no ordinary size", () => {
  it("a row of 300 MB is one malformed row, and takes no 300 MB", async () => {
    const input = await longLine("row.csv.gz", table, 300, `\n${rows}\n`);
    const before = peak();
    const report = await prepare({ format: "csv", input, columns, out: `${out}-row` });
    expect(report.malformedRows).toEqual([{ file: "row.csv.gz", line: 302, reason: "longer than 16 MiB" }]);
    expect(report.behaviors["interaction"]?.raw).toBe(600);
    expect(peak() - before).toBeLessThan(250);
  });

  it("a header of 300 MB is refused as soon as it is too long", async () => {
    const input = await longLine("header.csv.gz", "", 300, `\n${rows}\n`);
    const before = peak();
    const { code, message } = await refusal({ format: "csv", input, columns, out });
    expect(code).toBe("invalid-input");
    expect(message).toMatch(/the line is longer than 16 MiB \(.*header\.csv\.gz:1\)/);
    expect(peak() - before).toBeLessThan(250);
  });

  it.each([
    ["ten million names", "c,".repeat(10_000_000)],
    ["five million empty names", ",".repeat(5_000_000)],
  ])("a header of %s is refused", async (_name, header) => {
    const before = peak();
    const { message } = await refusal({
      format: "csv",
      input: disk.write("wide.csv", `${header}\n1,2\n`),
      columns,
      out,
    });
    expect(message).toMatch(/longer than 16 MiB|more than 10000 columns/);
    expect(peak() - before).toBeLessThan(250);
  });

  it("a row of five million columns is one malformed row", async () => {
    const input = disk.write("row-wide.csv", `${table}${",".repeat(5_000_000)}x\n`);
    const report = await prepare({ format: "csv", input, columns, out: `${out}-wide` });
    expect(report.malformedRows).toMatchObject([{ line: 302, reason: "more than 10000 columns, expected 2" }]);
  });

  it("a quote that never ends does not hold the file in memory", async () => {
    const long = Array.from({ length: 400_000 }, (_, k) => `${k % 20},${k % 1000},some text that goes on for a while`);
    const input = disk.write("open.csv", `u,i,t\n1,2,"open\n${long.join("\n")}\n`);
    const report = await prepare({ format: "csv", input, columns, out: `${out}-open` });
    expect(report.malformed).toBe(1);
    expect(report.malformedRows[0]?.line).toBe(2);
    expect(report.behaviors["interaction"]?.raw).toBe(400_000);
  });

  it.each(["csv", "edges"])("an interruption ends the reading of a line of a gigabyte at once (%s)", async (format) => {
    const input = await longLine("giga.csv.gz", table, 1024, "\n");
    const given = format === "csv" ? { input, columns } : { behaviors: { buy: input } };
    const stop = new AbortController();
    let told = 0;
    setTimeout(() => {
      told = performance.now();
      stop.abort();
    }, 300);
    const { code } = await refusal({ format, ...given, out }, { signal: stop.signal });
    expect(["interrupted", "invalid-input"]).toContain(code);
    expect(performance.now() - told).toBeLessThan(3000);
  });
});

describe("paths", () => {
  it("that hold brackets, asterisks and question marks mean themselves", async () => {
    disk.write("a1.csv", "u,i\nwrong,wrong\n");
    const input = disk.write("odd [1]/a[1]*?'.csv", table);
    const odd = `${disk.folder}/odd [1]/set [2]`;
    const report = await prepare({ format: "csv", input, columns, out: odd });
    expect(report.users).toBe(20);
    expect((await loadPrepared(odd)).users).toBe(20);
    const folder = await prepare({ format: "csv", input: `${disk.folder}/odd [1]`, columns, out: `${out}-folder` });
    expect(folder.behaviors).toEqual(report.behaviors);
  });

  it("of pipes and devices are refused without waiting for them", async () => {
    const pipe = `${disk.folder}/pipe.csv`;
    execFileSync("mkfifo", [pipe]);
    for (const input of [pipe, "/dev/null"]) {
      expect((await refusal({ format: "csv", input, columns, out })).message).toMatch(/a pipe or a device/);
    }
  });

  it("of folders in place of files are refused wherever a file is wanted", async () => {
    mkdirSync(`${disk.folder}/folder.csv`);
    mkdirSync(`${disk.folder}/ml/u.data`, { recursive: true });
    mkdirSync(`${disk.folder}/rec/r.inter`, { recursive: true });
    const pairs = disk.write("pairs.txt", "1 2\n2 3\n");
    const requests: readonly Omit<PrepareOptions, "out">[] = [
      { format: "edges", behaviors: { buy: `${disk.folder}/folder.csv` } },
      { format: "edges", behaviors: { buy: pairs }, social: `${disk.folder}/folder.csv` },
      { format: "edges", behaviors: { buy: pairs }, test: `${disk.folder}/folder.csv` },
      { format: "movielens", input: `${disk.folder}/ml` },
      { format: "recbole", input: `${disk.folder}/rec` },
    ];
    for (const request of requests) {
      expect((await refusal({ ...request, out })).message).toMatch(/a folder, not a file/);
    }
  });
});
