import { type DataFormat, formats, prepare } from "@gradpool/data";
import { describeFormat, type FormatSample } from "@gradpool/testkit";
import { describe, it } from "vitest";

const user = (k: number): number => 1 + (k % 23);
const item = (k: number): number => 1 + ((k * 7) % 31);
const time = (k: number): number => 1_600_000_000 + 60 * k;
const inFolder = (_file: string, folder: string) => ({ input: folder });

/** Rows of each built-in text format, as its source writes them, and lines that are none. */
const samples: Readonly<Record<string, FormatSample>> = {
  taobao: {
    file: "UserBehavior.csv",
    row: (k) => `${user(k)},${item(k)},5,${k % 3 === 0 ? "pv" : "buy"},${time(k)}`,
    bad: ["1,2,3,stolen,1600000000", "1,2", "x,2,3,buy,1600000000"],
  },
  edges: {
    file: "buy.txt",
    row: (k) => `${user(k)} ${item(k)}`,
    bad: ["1"],
    options: (file) => ({ behaviors: { buy: file } }),
  },
  recbole: {
    file: "shop.inter",
    header: ["user_id:token\titem_id:token\ttimestamp:float"],
    row: (k) => `${user(k)}\t${item(k)}\t${time(k)}`,
    bad: ["1", "1\t2\tsoon"],
    options: inFolder,
  },
  movielens: {
    file: "u.data",
    row: (k) => `${user(k)}\t${item(k)}\t${1 + (k % 5)}\t${time(k)}`,
    bad: ["1\t2", "1\t2\tgood\t1600000000"],
    options: inFolder,
  },
  amazon: {
    file: "reviews.json",
    row: (k) => JSON.stringify({ reviewerID: `U${user(k)}`, asin: `A${item(k)}`, overall: 4, unixReviewTime: time(k) }),
    bad: ["{", '{"reviewerID":"U1"}'],
  },
  mind: {
    file: "behaviors.tsv",
    row: (k) => `${k}\tU${user(k)}\t11/15/2019 8:${String(k % 60).padStart(2, "0")}:22 AM\tN1 N2\tN${item(k)}-1`,
    bad: ["1\tU1", "1\tU1\tsoon\t\tN1-1", "1\tU1\t11/15/2019 8:55:22 AM\tN1\t"],
    beside: {
      "news.tsv": Array.from({ length: 31 }, (_, k) => `N${k + 1}\tnews\tworld\tA title\t\t\t[]\t[]`).join("\n"),
    },
    options: inFolder,
  },
  csv: {
    file: "events.csv",
    header: ["who,what,when"],
    row: (k) => `${user(k)},${item(k)},${time(k)}`,
    bad: ["1", ",2,1600000000"],
    options: (input) => ({ input, columns: { user: "who", item: "what", time: "when" } }),
  },
};

for (const [name, sample] of Object.entries(samples)) {
  const format = formats.find((known) => known.name === name) as DataFormat;
  describeFormat(format, { describe, it, prepare, sample });
}
