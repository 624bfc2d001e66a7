import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { isGradpoolError } from "@gradpool/core";
import { afterAll, describe, expect, it } from "vitest";
import { loadPrepared, prepare, type PrepareOptions } from "../src/index.js";
import { openDuck, text } from "../src/tables/duck.js";
import { refusal, scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());
mkdirSync(`${disk.folder}/out`);
const out = `${disk.folder}/out/set`;
const good = Array.from({ length: 400 }, (_, k) => `${k % 20},${k % 17},${k % 3},${["buy", "pv"][k % 2]},${k}`);
const file = disk.write("good.csv", good.join("\n"));
const pairs = disk.write("pairs.txt", "1 1\n1 2\n2 1\n2 2\n");
const taobao = (input: string, more: Partial<PrepareOptions> = {}): PrepareOptions => ({
  format: "taobao",
  input,
  out,
  ...more,
});
const zipped = gzipSync(Array.from({ length: 5000 }, (_, k) => `${k},${(k * 7919) % 1000},1,buy,${k}`).join("\n"));

/** Each: what is wrong, the request, the code, and words of the one line. */
const cases: readonly [string, () => PrepareOptions, string, RegExp][] = [
  ["a file that is not there", () => taobao(`${disk.folder}/none.csv`), "not-found", /no such file.*none\.csv/],
  ["a folder without a fitting file", () => taobao(disk.folder.concat("/out")), "not-found", /no file matches/],
  [
    "a folder in place of a file",
    () => ({ format: "edges", behaviors: { buy: disk.folder }, out }),
    "invalid-input",
    /a folder, not a file/,
  ],
  [
    "a file in place of a folder",
    () => ({ format: "lastfm", input: file, out }),
    "invalid-input",
    /a file, not a folder/,
  ],
  ["an empty file", () => taobao(disk.write("empty.csv", "")), "invalid-input", /empty/],
  ["a file of blank lines", () => taobao(disk.write("blank.csv", "\n\n\n")), "invalid-input", /hold no row/],
  [
    "a gzip archive cut off",
    () => taobao(disk.write("cut.csv.gz", zipped.subarray(0, zipped.length / 2))),
    "damaged",
    /damaged or cut off/,
  ],
  [
    "a gzip archive with a flipped byte",
    () => taobao(disk.write("flip.csv.gz", Buffer.from(zipped).fill(0xff, 2000, 2010))),
    "damaged",
    /damaged or cut off/,
  ],
  [
    "text under the name of an archive",
    () => taobao(disk.write("fake.csv.gz", good.join("\n"))),
    "invalid-input",
    /no gzip/,
  ],
  ["an archive under the name of text", () => taobao(disk.write("real.csv", zipped)), "invalid-input", /without \.gz/],
  [
    "binary junk",
    () => taobao(disk.write("junk.csv", Buffer.from(Array.from({ length: 9999 }, (_, k) => (k * 7919) % 256)))),
    "invalid-input",
    /binary/,
  ],
  [
    "a wrong number of columns",
    () => taobao(disk.write("narrow.csv", good.map((line) => line.split(",").slice(0, 4).join()).join("\n"))),
    "invalid-input",
    /400 of 400 rows are malformed.*narrow\.csv:1 4 columns, expected 5/,
  ],
  [
    "another separator",
    () => taobao(disk.write("semi.csv", good.join("\n").replaceAll(",", ";"))),
    "invalid-input",
    /1 columns, expected 5/,
  ],
  [
    "unknown behaviours",
    () => taobao(disk.write("look.csv", good.join("\n").replaceAll("pv", "look"))),
    "invalid-input",
    /200 of 400.*"look", not one of buy, cart, pv, fav/,
  ],
  [
    "one malformed row where none is allowed",
    () => taobao(disk.write("one.csv", [...good, "x"].join("\n")), { strict: true }),
    "invalid-input",
    /1 of 401.*one\.csv:401.*leave `strict` out/,
  ],
  [
    "more than one per cent of malformed rows",
    () => taobao(disk.write("many.csv", [...good, "x", "x", "x", "x", "x"].join("\n"))),
    "invalid-input",
    /5 of 405/,
  ],
  [
    "a target that is not there",
    () => taobao(file, { target: "rent" }),
    "usage",
    /no behaviour "rent".*buy, cart, pv, fav/,
  ],
  ["a target without any row", () => taobao(file, { target: "cart" }), "failed", /no pair of the target "cart"/],
  ["filters that leave nothing", () => taobao(file, { minUser: 50 }), "failed", /filters leave nothing.*`minUser` 50/],
  ["a core that leaves nothing", () => taobao(file, { core: 99 }), "failed", /`core` 99/],
  ["an unknown format", () => ({ format: "toabao" as "taobao", input: file, out }), "usage", /"toabao".*taobao, edges/],
  [
    "a split that does not add up",
    () => taobao(file, { split: "random:0.7,0.2,0.2" }),
    "usage",
    /random:0\.7,0\.2,0\.2/,
  ],
  [
    "a split by time without times",
    () => ({ format: "edges", behaviors: { buy: pairs }, split: "time:0.8,0.1,0.1", out }),
    "usage",
    /no times/,
  ],
  [
    "a given part and a split at once",
    () => ({ format: "edges", behaviors: { buy: pairs }, test: pairs, split: "leave-one-out", out }),
    "usage",
    /`valid` and `test`, or `split`/,
  ],
  ["a negative limit", () => taobao(file, { minItem: -1 }), "usage", /^`minItem` is -1/],
  ["a memory limit that is none", () => taobao(file, { memory: "lots" }), "usage", /"lots"/],
  [
    "an option that the format has no use for",
    () => taobao(file, { columns: { user: "a", item: "b" } }),
    "usage",
    /the format taobao takes no `columns`.*taobao takes input/,
  ],
  ["no input", () => ({ format: "taobao", out }), "usage", /no input/],
  ["no behaviour", () => ({ format: "edges", out }), "usage", /behaviors.*buy=FILE/],
  [
    "columns that are not there",
    () => ({ format: "csv", input: disk.write("named.csv", "a,b\n1,2\n"), columns: { user: "a", item: "c" }, out }),
    "usage",
    /no column "c".*a, b/,
  ],
  ...["like=rating=>4", "like=rating==>4", "like=rating>1e999", "like=rating=-1e999", "like=rating>>4"].map(
    (label): (typeof cases)[number] => [
      `the rule ${label}`,
      () => ({
        format: "csv",
        input: disk.write("rated.csv", "a,b,rating\n1,2,5\n"),
        columns: { user: "a", item: "b" },
        labels: [label],
        out,
      }),
      "usage",
      /the label is "like=rating.*give NAME=COLUMN>=NUMBER/,
    ],
  ),
  [
    "a header without types",
    () => ({ format: "recbole", input: disk.write("x/x.inter", "user_id\titem_id\n1\t2\n"), out }),
    "invalid-input",
    /"user_id" has no type/,
  ],
  [
    "reviews that are no JSON",
    () => ({ format: "amazon", input: disk.write("r.json", "hello\nworld\n"), out }),
    "invalid-input",
    /not a JSON object/,
  ],
  [
    "a video list that is missing",
    () => ({ format: "wechat", input: disk.write("w/user_action.csv", "userid,feedid\n").slice(0, -16), out }),
    "not-found",
    /feed_info\.csv/,
  ],
];

describe("damaged input and wrong requests", () => {
  it.each(cases)("%s: one clear line, and nothing is left behind", async (_name, options, code, words) => {
    const found = await refusal(options());
    expect(found.code).toBe(code);
    expect(found.message).toMatch(words);
  });

  it("damaged Parquet", async () => {
    const path = `${disk.folder}/d.parquet`;
    const db = await openDuck();
    await db.run(`COPY (SELECT range % 50 AS u, range % 31 AS i FROM range(100000)) TO ${text(path)} (FORMAT parquet)`);
    db.close();
    const request: PrepareOptions = { format: "parquet", input: path, columns: { user: "u", item: "i" }, out };
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    expect(await refusal(request)).toMatchObject({ code: "damaged", message: expect.stringMatching(/Parquet/) });
    writeFileSync(path, Buffer.from(bytes).fill(0x5a, 200, bytes.length - 600));
    expect((await refusal(request)).code).toBe("damaged");
  });

  it("a folder that exists is kept, unless force is given and it is a prepared set", async () => {
    const mine = disk.write("mine/keep.txt", "mine");
    const folder = `${disk.folder}/mine`;
    expect(await refusal(taobao(file, { out: folder }))).toMatchObject({
      code: "usage",
      message: expect.stringMatching(/force/),
    });
    expect(await refusal(taobao(file, { out: folder, force: true }))).toMatchObject({ code: "usage" });
    expect(readFileSync(mine, "utf8")).toBe("mine");
  });

  it("a failed replacement leaves the old set as it was", async () => {
    const kept = `${disk.folder}/kept`;
    await prepare(taobao(file, { out: kept }));
    const before = readFileSync(`${kept}/manifest.json`, "utf8");
    await refusal(taobao(`${disk.folder}/look.csv`, { out: kept, force: true }));
    expect(readFileSync(`${kept}/manifest.json`, "utf8")).toBe(before);
    await loadPrepared(kept);
    await prepare(taobao(file, { out: kept, force: true, seed: 9 }));
    expect((await loadPrepared(kept)).manifest?.seed).toBe(9);
  });

  it("an interruption at any stage leaves nothing behind", async () => {
    const seen = new Set<string>();
    for (const stage of ["read", "filter", "split", "write", "check"] as const) {
      const stop = new AbortController();
      const hooks = {
        signal: stop.signal,
        onProgress: (progress: { stage: string }) => (progress.stage === stage ? stop.abort() : undefined),
      };
      const found = await refusal(taobao(file, { minUser: 1 }), hooks);
      expect(found.code).toBe("interrupted");
      seen.add(stage);
    }
    expect(seen.size).toBe(5);
    expect(readdirSync(`${disk.folder}/out`)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("a full disk, simulated by a limit on the size of files", async () => {
    const rows = Array.from({ length: 60_000 }, (_, k) => `${Math.imul(k, 2_654_435_761) >>> 8},${k},1,buy,${k}`).join(
      "\n",
    );
    const input = disk.write("wide.csv", rows);
    const script = disk.write(
      "full.mjs",
      `import { prepare } from ${JSON.stringify(fileURLToPath(new URL("../dist/index.js", import.meta.url)))};
       process.on("SIGXFSZ", () => {});
       try { await prepare({ format: "taobao", input: ${JSON.stringify(input)}, out: ${JSON.stringify(out)} }); console.log("done"); }
       catch (error) { console.log(error.code + " | " + error.message); }`,
    );
    const child = spawn("bash", ["-c", `ulimit -f 300; trap '' XFSZ; exec "${process.execPath}" "${script}"`]);
    let said = "";
    child.stdout.on("data", (chunk) => (said += String(chunk)));
    await new Promise((resolve) => child.on("close", resolve));
    expect(said).toMatch(/^failed \| the disk is full/);
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(`${disk.folder}/out`)).toEqual([]);
  });
});

describe("damaged prepared sets", () => {
  const load = async (folder: string): Promise<{ code: string; message: string }> => {
    try {
      await loadPrepared(folder);
    } catch (error) {
      if (isGradpoolError(error)) return { code: error.code, message: error.message };
      throw error;
    }
    throw new Error("was loaded");
  };
  const fresh = async (): Promise<string> => {
    const folder = `${disk.folder}/fresh`;
    rmSync(folder, { recursive: true, force: true });
    await prepare(taobao(file, { out: folder }));
    return folder;
  };

  it("tell a missing set, a foreign manifest, and one of a newer version", async () => {
    expect(await load(`${disk.folder}/nowhere`)).toMatchObject({ code: "not-found" });
    const folder = await fresh();
    const manifest = readFileSync(`${folder}/manifest.json`, "utf8");
    writeFileSync(`${folder}/manifest.json`, manifest.replace('"version": 1', '"version": 4'));
    expect(await load(folder)).toMatchObject({
      code: "version",
      message: expect.stringMatching(/version 4, not 1 or 2 or 3.*update/),
    });
    writeFileSync(`${folder}/manifest.json`, manifest.replace(/"users": \d+/, '"users": 21'));
    expect(await load(folder)).toMatchObject({ code: "damaged", message: expect.stringMatching(/was changed/) });
    writeFileSync(`${folder}/manifest.json`, manifest.slice(0, 500));
    expect(await load(folder)).toMatchObject({ code: "damaged", message: expect.stringMatching(/no JSON/) });
    writeFileSync(`${folder}/manifest.json`, "[]");
    expect((await load(folder)).code).toBe("damaged");
  });

  it("tell a file that is missing, shorter, longer, or has one other byte", async () => {
    const folder = await fresh();
    const path = `${folder}/pairs.buy.train.parquet`;
    const bytes = readFileSync(path);
    const other = Buffer.from(bytes);
    other[60] = (other[60] as number) ^ 1;
    writeFileSync(path, other);
    expect(await load(folder)).toMatchObject({
      code: "damaged",
      message: expect.stringMatching(/was changed.*pairs\.buy\.train\.parquet/),
    });
    writeFileSync(path, bytes);
    appendFileSync(path, "x");
    expect(await load(folder)).toMatchObject({ code: "damaged", message: expect.stringMatching(/bytes, not/) });
    truncateSync(path, 10);
    expect((await load(folder)).code).toBe("damaged");
    rmSync(path);
    expect(await load(folder)).toMatchObject({ code: "damaged", message: expect.stringMatching(/missing/) });
    writeFileSync(path, bytes);
    await loadPrepared(folder);
  });
});
