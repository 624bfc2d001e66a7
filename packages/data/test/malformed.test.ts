/**
 * Damaged files of every format: 400 sound rows and one flaw each. Every one ends as a row refused by line and reason, as a
 * refusal of the whole in one line, or is read for what it says; none in silence, none in an error of the database.
 */
import { gzipSync } from "node:zlib";
import { isGradpoolError } from "@gradpool/core";
import { afterAll, describe, expect, it } from "vitest";
import { prepare, type PrepareOptions } from "../src/index.js";
import { scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());

interface Sample {
  readonly file: string;
  readonly header?: string;
  readonly row: (k: number) => string;
  readonly options?: Partial<PrepareOptions>;
  /** Reads a folder, not the file. */
  readonly folder?: true;
  readonly files?: Readonly<Record<string, string>>;
  /** Lines that are no row, each with the words of its reason. */
  readonly bad: readonly (readonly [string, RegExp])[];
  /** Lines that are rows, strange as they look. */
  readonly good?: readonly string[];
}

const u = (k: number): number => 1 + (k % 20);
const i = (k: number): number => 1 + ((k * 7) % 31);
const time = (k: number): number => 1_600_000_000 + 60 * k;
const numbers = ["x", "0x10", "1_000", "inf", "-Infinity", "1e999", "1,5", "--1", "٣", "1 2"];

const tabbed = (value: string): readonly [string, RegExp] => [`1\t2\t${value}\t1600000000`, /rating is .*not a number/];

const samples: Readonly<Record<string, Sample>> = {
  taobao: {
    file: "UserBehavior.csv",
    row: (k) => `${u(k)},${i(k)},5,${["buy", "pv"][k % 2]},${time(k)}`,
    bad: [
      ["1,2", /2 columns, expected 5/],
      ["1", /1 columns/],
      ["1,2,3,buy,4,5", /6 columns/],
      [",2,3,buy,4", /user is empty/],
      ["1,,3,buy,4", /item is empty/],
      ["1, ,3,buy,4", /item is empty/],
      ["1,2,3,,4", /behavior is empty/],
      ["1,2,3,Buy,4", /behavior is "Buy", not one of/],
      ["1,2,3, buy,4", /not one of/],
      ["a,2,3,buy,4", /user is "a", not a whole number/],
      ["1.5,2,3,buy,4", /not a whole number/],
      ["1e3,2,3,buy,4", /not a whole number/],
      ["0x1,2,3,buy,4", /not a whole number/],
      ["+1,2,3,buy,4", /not a whole number/],
      ["1_0,2,3,buy,4", /not a whole number/],
      [" 1,2,3,buy,4", /not a whole number/],
      ["nan,2,3,buy,4", /not a whole number/],
      ["1,2,x,buy,4", /category is "x"/],
      ["1,2,3,buy,soon", /timestamp is "soon"/],
      ["1,2,3,buy,2020-01-01", /timestamp/],
      ["1,2,3,buy,inf", /timestamp/],
      ['1,2,3,"buy,4', /quote is left open/],
      ['"1"x,2,3,buy,4', /quote is left open/],
      ["1;2;3;buy;4", /1 columns/],
      ["1\t2\t3\tbuy\t4", /1 columns/],
    ],
    good: [
      '"1","2","3","buy","4"',
      "1,2,3,buy,4,",
      "1,2,,buy,",
      "18446744073709551616,2,3,buy,4",
      "007,2,3,buy,4",
      "1,2,3,buy,nan",
      ' "1" ,2,3,buy,4',
    ],
  },
  edges: {
    file: "buy.txt",
    row: (k) => `${u(k)} ${i(k)} ${1 + (k % 5)}`,
    bad: [
      ["1", /1 columns, expected 2 to 3/],
      ["1 2 3 4", /4 columns/],
      ...numbers
        .filter((value) => !/[ ,]/.test(value))
        .map((value) => [`1 2 ${value}`, /value is .*not a number/] as const),
    ],
    good: [
      "1,2,3",
      "1\t2\t3",
      " 1  2  3 ",
      "# a comment",
      "% another",
      "",
      "   ",
      "a b 1e3",
      "1 2",
      "é 日本 5",
      "1 2 nan",
      '"1 2 5',
    ],
  },
  recbole: {
    file: "shop.inter",
    folder: true,
    header: "user_id:token\titem_id:token\trating:float\ttimestamp:float",
    row: (k) => `${u(k)}\t${i(k)}\t${1 + (k % 5)}\t${time(k)}`,
    bad: [
      ["1", /1 columns, expected 4/],
      ["1\t2\t3\t4\t5", /5 columns/],
      ["\t2\t3\t4", /user_id is empty/],
      ["1\t\t3\t4", /item_id is empty/],
      ["1\t2\t3\tsoon", /timestamp is "soon", not a time/],
      ["1\t2\t3\t01.02.2020", /not a time/],
      ["1\t2\t3\t2020-13-01", /not a time/],
      ["1\t2\t3\tinf", /not a time/],
      ...numbers.map(tabbed),
    ],
    good: [
      "1\t2\t\t",
      "1\t2\tnan\t1600000000",
      '1\t"2\t3\t1600000000',
      "1\t2\t3\t2020-01-01",
      "1\t2\t3\t1.6e9\t",
      "a b\tc,d\t3\t1600000000",
    ],
  },
  "movielens 100K": {
    file: "u.data",
    folder: true,
    row: (k) => `${u(k)}\t${i(k)}\t${1 + (k % 5)}\t${time(k)}`,
    bad: [
      ["1\t2", /2 columns/],
      ["1\t2\t\t1600000000", /rating is empty/],
      ["1\t2\tnan\t1600000000", /rating is empty/],
      ["\t2\t3\t4", /user is empty/],
      ["1\t2\t3\tsoon", /time is "soon"/],
      ...numbers.map(tabbed),
    ],
    good: ["1\t2\t3\t", "1\t2\t3.5\t1600000000", "1\t2\t3\t1600000000\t\t"],
  },
  "movielens 1M": {
    file: "ratings.dat",
    folder: true,
    row: (k) => `${u(k)}::${i(k)}::${1 + (k % 5)}::${time(k)}`,
    bad: [
      ["1::2", /2 columns/],
      ["1:2:3:4", /1 columns/],
      ["::2::3::4", /user is empty/],
      ["1::2::good::4", /rating is "good"/],
      ["1::2::0x1::4", /rating/],
      ["1::2::3::x", /time is "x"/],
    ],
    good: ["1::2::3::", "a:b::2::3::1600000000"],
  },
  "movielens 20M": {
    file: "ratings.csv",
    folder: true,
    header: "userId,movieId,rating,timestamp",
    row: (k) => `${u(k)},${i(k)},${1 + (k % 5)},${time(k)}`,
    bad: [
      ["1,2", /2 columns/],
      ['1,2,"3,4', /quote/],
      ["1,2,five,4", /rating is "five"/],
      [",2,3,4", /user is empty/],
    ],
    good: ['"1","2","3","1600000000"', "1,2,.5,1600000000"],
  },
  amazon: {
    file: "reviews.json",
    row: (k) => JSON.stringify({ reviewerID: `U${u(k)}`, asin: `A${i(k)}`, overall: 4, unixReviewTime: time(k) }),
    bad: [
      ["{", /not a JSON object/],
      ["hello", /not a JSON object/],
      ["[1]", /not a JSON object/],
      ["null", /not a JSON object/],
      ["1", /not a JSON object/],
      ['{"asin":"A1"}', /no reviewerID/],
      ['{"reviewerID":"U1"}', /no asin/],
      ['{"reviewerID":"","asin":"A1"}', /no reviewerID/],
      ['{"reviewerID":" ","asin":"A1"}', /no reviewerID/],
      ['{"reviewerID":null,"asin":"A1"}', /no reviewerID/],
      ['{"reviewerID":{},"asin":"A1"}', /no id/],
      ['{"reviewerID":true,"asin":"A1"}', /no id/],
      ['{"reviewerID":12345678901234567890,"asin":"A1"}', /too long to be exact/],
      ['{"reviewerID":1.5,"asin":"A1"}', /too long to be exact/],
      ['{"reviewerID":"U1","asin":"A1","overall":"five"}', /overall is "five", not a number/],
      ['{"reviewerID":"U1","asin":"A1","overall":1e999}', /overall is .*not a number/],
      ['{"reviewerID":"U1","asin":"A1","overall":[5]}', /not a number/],
      ['{"reviewerID":"U1","asin":"A1","unixReviewTime":"soon"}', /unixReviewTime/],
      ['{"reviewerID":"U1","asin":"A1","timestamp":"soon"}', /timestamp/],
      ["{'reviewerID': 0x10, 'asin': 'A1'}", /not a JSON object/],
      ['{"reviewerID":"U1","asin":"A1"} trailing', /not a JSON object/],
      ["NaN", /not a JSON object/],
    ],
    good: [
      "{'reviewerID': 'U1', 'asin': 'A1', 'overall': 4.0}",
      '{"user_id":7,"parent_asin":"A1"}',
      '{"reviewerID":"U1","asin":"A1","__proto__":{"asin":"x"}}',
      '{"reviewerID":"U1","asin":"A1","overall":null}',
    ],
  },
  "epinions of 3 columns": {
    file: "ratings_data.txt",
    folder: true,
    row: (k) => `${u(k)} ${i(k)} ${1 + (k % 5)}`,
    bad: [
      ["1", /1 columns/],
      ["1 2", /2 columns/],
      ["1 2 3 4", /4 columns/],
      ["1 2 x", /rating is "x"/],
      ["1 2 0x3", /rating/],
      ["1 2 nan", /rating is empty/],
    ],
    good: ["1,2,3", " 1\t2\t3", ""],
  },
  "epinions of 6 columns": {
    file: "rating.txt",
    folder: true,
    row: (k) => `  ${u(k)}  ${i(k)}  4  ${1 + (k % 5)}  2  ${time(k)}`,
    bad: [
      ["1 2 3", /3 columns/],
      ["1 2 4 five 2 100", /rating is "five"/],
      ["1 2 4 5 2 soon", /time is "soon"/],
      ["1 2 4 5 x 100", /helpfulness is "x"/],
    ],
  },
  "lastfm of HetRec": {
    file: "user_artists.dat",
    folder: true,
    header: "userID\tartistID\tweight",
    row: (k) => `${u(k)}\t${i(k)}\t${1 + k}`,
    bad: [
      ["1\t2", /2 columns/],
      ["\t2\t3", /user is empty/],
      ["1\t2\tmuch", /weight is "much"/],
      ["1\t2\t0b1", /weight/],
      ["1 2 3", /1 columns/],
    ],
    good: ["1\t2\t", '1\t"2\t3'],
  },
  "lastfm split": {
    file: "train.txt",
    folder: true,
    files: { "test.txt": "1\t5\t3\n" },
    row: (k) => `${u(k)}\t${i(k)}\t${1 + k}`,
    bad: [
      ["1", /1 columns/],
      ["1\t2\tmuch", /value is "much"/],
      ["1\t2\t3\t4", /4 columns/],
    ],
  },
  wechat: {
    file: "user_action.csv",
    folder: true,
    files: { "feed_info.csv": "feedid,authorid,bgm_song_id,bgm_singer_id,videoplayseconds\n1,1,1,1,10\n" },
    header: "userid,feedid,date_,device,like,play,stay,forward,follow",
    row: (k) => `${u(k)},${i(k)},${1 + (k % 9)},1,${k % 2},${100 * k},3,0,1`,
    bad: [
      ["1,2", /2 columns/],
      [",2,1,1,0,1,1,0,0", /userid is empty/],
      ["1,2,x,1,0,1,1,0,0", /date_ is "x"/],
      ["1,2,1,1,2,1,1,0,0", /like is "2", not 0, 1/],
      ["1,2,1,1,-1,1,1,0,0", /like is "-1"/],
      ["1,2,1,1,0.5,1,1,0,0", /like is "0.5"/],
      ["1,2,1,1,yes,1,1,0,0", /like is "yes"/],
      ["1,2,1,1,0,long,1,0,0", /play is "long"/],
      ["1,2,1,1,0,inf,1,0,0", /play/],
    ],
    good: ["1,2,1,,,,,,", "1,2,1,1,True,1,1,false,nan"],
  },
  "csv of events": {
    file: "events.csv",
    header: "who,what,did,when,stars,note",
    row: (k) => `${u(k)},${i(k)},${["buy", "view"][k % 2]},${time(k)},${1 + (k % 5)},"a, b"`,
    options: { columns: { user: "who", item: "what", behavior: "did", time: "when", value: "stars" } },
    bad: [
      ["1", /1 columns, expected 6/],
      ["1,2,buy,1600000000,5,a,b", /7 columns/],
      [",2,buy,1600000000,5,a", /who is empty/],
      ["1,,buy,1600000000,5,a", /what is empty/],
      ["1,2,,1600000000,5,a", /did is empty/],
      ['1,2,buy,1600000000,5,"a', /quote is left open/],
      ['1,2,buy,1600000000,5,"a"b', /quote is left open/],
      ...numbers
        .filter((value) => !value.includes(","))
        .map((value) => [`1,2,buy,1600000000,${value},a`, /stars is .*not a number/] as const),
      ...[
        "soon",
        "01.02.2020",
        "2020-13-01",
        "2020-02-30",
        "2020-01-01T25:00:00Z",
        "2020-01-01T10",
        "1/2/2020",
        "inf",
        "0x5f5e1000",
        "2020-01-01 10:00:00+9",
        "now",
        "12:30",
      ].map((value) => [`1,2,buy,${value},5,a`, /when is .*not a time/] as const),
    ],
    good: [
      "1,2,buy,,,",
      '"1","2","buy","1600000000","5","a\nb"',
      "1,2,buy,2020-01-01T10:00:00+09:00,nan,a",
      "1,2,buy,NaT,5,é",
      '1,2,buy,1600000000,5,a"b',
      "1,2,buy,1.6e9,+5,a,,",
      ' "1" , "2" ,buy,1600000000,5,a',
    ],
  },
  "csv of labels": {
    file: "shown.tsv",
    header: "who\twhat\tclick\tbuy\thour",
    row: (k) => `${u(k)}\t${i(k)}\t${k % 2}\t${k % 3 === 0 ? 1 : 0}\t${k % 24}`,
    options: { columns: { user: "who", item: "what", label: "click+buy", features: "hour" }, target: "click" },
    bad: ["-1", "2", "0.1", "0.4", "yes", "no", "t", "Y", "null", "NA", "0x1", "1_0", "inf", "1e-1", "--"].map(
      (value) => [`1\t2\t${value}\t0\t5`, /click is .*not 0, 1, true or false/] as const,
    ),
    good: ["1\t2\tTrue\tFALSE\t5", "1\t2\t\tnan\t5", "1\t2\t1.0\t0.0\t", "1\t2\t1e0\t-0\t5"],
  },
  "csv of rules": {
    file: "rated.csv",
    header: "who;what;stars;verdict",
    row: (k) => `${u(k)};${i(k)};${1 + (k % 5)};${["good", "bad"][k % 2]}`,
    options: { columns: { user: "who", item: "what" }, labels: ["like=stars>=4", "fine=verdict=good"] },
    bad: [
      ["1;2", /2 columns/],
      ["1;2;many;good", /stars is "many", not a number/],
      ["1;2;0x4;good", /stars/],
      ["1;2;inf;bad", /stars/],
    ],
    good: ["1;2;;", "1;2;nan;who knows", "1;2;-1e3;good"],
  },
};

let trials = 0;

/** What becomes of a file: its report, or the one line that refuses it. */
async function outcome(sample: Sample, name: string, content: string | Buffer, strict = false) {
  const folder = `trial-${trials++}`;
  const path = disk.write(`${folder}/${name}`, content);
  for (const [file, text] of Object.entries(sample.files ?? {})) disk.write(`${folder}/${file}`, text);
  const given = sample.folder ? { input: `${disk.folder}/${folder}` } : { input: path };
  const format =
    Object.keys(samples)
      .find((key) => samples[key] === sample)
      ?.split(" ")[0] ?? "";
  const input = format === "edges" ? { behaviors: { buy: path } } : given;
  const split = sample.files?.["test.txt"] === undefined ? { split: "random:0.8,0.1,0.1" } : {};
  try {
    return await prepare({
      format,
      ...input,
      ...split,
      ...sample.options,
      strict,
      out: `${disk.folder}/out-${trials}`,
    });
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
    expect(error.message).not.toMatch(/\n|DuckDB|database/);
    return error;
  }
}

const contentOf = ({ header, row }: Sample, extra: readonly string[], end = "\n"): string => {
  const rows = Array.from({ length: 400 }, (_, k) => row(k));
  rows.splice(200, 0, ...extra);
  return [...(header === undefined ? [] : [header]), ...rows].join(end) + end;
};

const count = { malformed: 0, refused: 0, read: 0 };

describe.each(Object.entries(samples))("%s", (_name, sample) => {
  const line = 201 + (sample.header === undefined ? 0 : 1);

  it.each(sample.bad.map(([text, reason]) => ({ text, reason })))(
    "refuses the row $text by line and reason",
    async ({ text, reason }) => {
      const found = await outcome(sample, sample.file, contentOf(sample, [text]));
      if (isGradpoolError(found)) throw found;
      expect(found.malformed).toBe(1);
      expect(found.malformedRows[0]).toMatchObject({ file: sample.file, line });
      expect(found.malformedRows[0]?.reason).toMatch(reason);
      count.malformed++;
    },
  );

  it.each((sample.good ?? []).map((text) => ({ text })))("reads $text", async ({ text }) => {
    const found = await outcome(sample, sample.file, contentOf(sample, [text]), true);
    if (isGradpoolError(found)) throw found;
    expect(found.malformed).toBe(0);
    count.read++;
  });

  it("refuses one of its bad rows under strict, and too many of them without", async () => {
    const [text = ""] = sample.bad[0] ?? [];
    const strict = await outcome(sample, sample.file, contentOf(sample, [text]), true);
    const many = await outcome(
      sample,
      sample.file,
      contentOf(
        sample,
        Array.from({ length: 20 }, () => text),
      ),
    );
    for (const found of [strict, many]) expect(found).toMatchObject({ code: "invalid-input" });
    count.refused += 2;
  });

  const whole: readonly (readonly [string, (text: string) => readonly [string, string | Buffer], RegExp | "read"])[] = [
    ["an empty file", () => [sample.file, ""], /empty/],
    ["bytes that are not UTF-8 in an id", (text) => [sample.file, spoilt(text)], /not UTF-8|malformed|leave nothing/],
    ["a gzip archive under another name", (text) => [sample.file, gzipSync(text)], /gzip/],
    ["NUL bytes", (text) => [sample.file, `\0${text}`], /binary/],
    ["UTF-16", (text) => [sample.file, Buffer.from(`\ufeff${text}`, "utf16le")], /UTF-16/],
    ["CRLF line ends", (text) => [sample.file, text.replaceAll("\n", "\r\n")], "read"],
    ["CR line ends", (text) => [sample.file, text.replaceAll("\n", "\r")], "read"],
    ["a byte order mark", (text) => [sample.file, `\ufeff${text}`], "read"],
    ["blank lines", (text) => [sample.file, text.replaceAll("\n", "\n\n")], "read"],
    ["no last line end", (text) => [sample.file, text.slice(0, -1)], "read"],
  ];

  it.each(whole.map(([flaw, make, words]) => ({ flaw, make, words })))("meets $flaw", async ({ make, words }) => {
    const [file, content] = make(contentOf(sample, []));
    const found = await outcome(sample, file, content, true);
    if (words === "read") {
      if (isGradpoolError(found)) throw found;
      expect(found.malformed).toBe(0);
      count.read++;
    } else {
      expect(isGradpoolError(found) && found.message).toMatch(words);
      count.refused++;
    }
  });
});

/** The text with a byte that begins no character in the first cell of its middle. */
function spoilt(text: string): Buffer {
  const bytes = Buffer.from(text);
  const at = bytes.indexOf("\n", bytes.length / 2) + 1;
  const first = bytes.subarray(at).findIndex((byte) => /[0-9U]/.test(String.fromCharCode(byte)));
  bytes[at + first] = 0xe9;
  return bytes;
}

it("counts 200 files and more", () => {
  expect(count.malformed).toBeGreaterThanOrEqual(150);
  expect(count.malformed + count.refused + count.read).toBeGreaterThanOrEqual(350);
  if (process.env["READER_FILES"]) console.log(JSON.stringify(count));
});
