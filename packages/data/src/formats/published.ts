import { given } from "@gradpool/core";
import { headerOf, peek, placeOf, readDelimited } from "../tables/delimited.js";
import type { Column } from "../tables/kinds.js";
import { type AnonymousSide, readTable } from "./columns.js";
import { inputFiles, type ReadRows } from "./inputs.js";
import { noColumn } from "./no-column.js";
import type { ColumnNames } from "./options.js";
import type { DataFormat, Reading } from "./reader.js";

/** A published layout of click logs: one row an impression, columns known by name. */
interface Layout {
  readonly name: string;
  readonly describe: string;
  readonly input: string;
  readonly delimiter: string;
  /** Of files without a header, or (where `perhaps`) of those that have none. */
  readonly names?: readonly string[];
  readonly perhaps?: true;
  /** What the columns are, of those that a file has. */
  columns(names: readonly string[]): Omit<ColumnNames, "user" | "item"> & Partial<Pick<ColumnNames, "user" | "item">>;
  readonly anonymous?: readonly AnonymousSide[];
}

const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, k) => `${prefix}${from + k}`);
const each = (names: readonly string[], type: string): string[] => names.map((name) => `${name}:${type}`);
const without = (names: readonly string[], ...others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name));

const criteoNames = ["label", ...numbered("I", 1, 13), ...numbered("C", 1, 26)];
const byterecNames = [
  "uid",
  "user_city",
  "item_id",
  "author_id",
  "item_city",
  "channel",
  "finish",
  "like",
  "music_id",
  "device",
  "time",
  "duration",
];
/** KuaiRand's signals that may be labels, and what is known only after a row was shown. */
const kuairandLabels = [
  "is_click",
  "is_like",
  "is_follow",
  "is_comment",
  "is_forward",
  "is_hate",
  "long_view",
  "is_profile_enter",
] as const;
const kuairandLater = ["play_time_ms", "profile_stay_time", "comment_stay_time", "is_rand", "date", "hourmin"];
const kuairandNumbers = [
  "duration_ms",
  "video_duration",
  "follow_user_num",
  "fans_user_num",
  "friend_user_num",
  "register_days",
  "server_width",
  "server_height",
];

const layouts: readonly Layout[] = [
  {
    name: "criteo",
    describe: "Criteo display ads: label, 13 numbers, 26 categories; rows of nobody in particular",
    input: "train.txt",
    delimiter: "\t",
    names: criteoNames,
    perhaps: true,
    columns: () => ({
      label: ["label"],
      features: [...each(numbered("I", 1, 13), "number(log,flag)"), ...each(numbered("C", 1, 26), "category(min=10)")],
    }),
    anonymous: ["user", "item"],
  },
  {
    name: "avazu",
    describe: "Avazu clicks: 21 categories and the hour; rows of nobody in particular",
    input: "train.csv",
    delimiter: ",",
    columns: (names) => ({
      label: ["click"],
      features: [
        "hour:time(hour,weekday,format=%y%m%d%H)",
        ...each(without(names, "id", "click", "hour"), "category(min=2)"),
      ],
    }),
    anonymous: ["user", "item"],
  },
  {
    name: "ali-ccp",
    describe: "Ali-CCP as a table: click, purchase, the user in 101, the item in 205, counts in D… as numbers",
    input: "ali_ccp_train.csv",
    delimiter: ",",
    columns: (names) => {
      const features = without(names, "click", "purchase", "101", "205");
      const isNumber = (name: string): boolean => name.startsWith("D");
      return {
        user: "101",
        item: "205",
        label: ["click", "purchase"],
        features: [
          ...each(
            features.filter((name) => !isNumber(name)),
            "category(min=1)",
          ),
          ...each(features.filter(isNumber), "number"),
        ],
      };
    },
  },
  {
    name: "aliexpress",
    describe: "AliExpress searches: click and conversion, 16 categories, 63 numbers; a search is a user",
    input: "train.csv",
    delimiter: ",",
    columns: (names) => ({
      user: "search_id",
      label: ["click", "conversion"],
      features: [
        ...each(
          names.filter((name) => name.startsWith("categorical_")),
          "category(min=1)",
        ),
        ...each(
          names.filter((name) => name.startsWith("numerical_")),
          "number",
        ),
      ],
    }),
    anonymous: ["item"],
  },
  {
    name: "kuairand",
    describe:
      "KuaiRand joined with its users and videos: labels is_click, is_like, …; what comes after the click is left out",
    input: "log.csv",
    delimiter: ",",
    columns: (names) => {
      const labels = kuairandLabels.filter((label) => names.includes(label));
      const features = without(names, "user_id", "video_id", "time_ms", ...kuairandLabels, ...kuairandLater);
      const isNumber = (name: string): boolean => kuairandNumbers.includes(name);
      return {
        user: "user_id",
        item: "video_id",
        label: labels,
        ...(names.includes("time_ms") && { time: "time_ms" }),
        features: [
          ...each(
            features.filter((name) => !isNumber(name)),
            "category(min=1)",
          ),
          ...each(features.filter(isNumber), "number(log)"),
        ],
      };
    },
  },
  {
    name: "byterec",
    describe: "ByteRec (ICME 2019 short videos): finish and like; −1 says nothing",
    input: "final_track2_train.txt",
    delimiter: "\t",
    names: byterecNames,
    columns: () => ({
      user: "uid",
      item: "item_id",
      label: ["finish", "like"],
      features: {
        ...Object.fromEntries(
          ["user_city", "author_id", "item_city", "channel", "music_id", "device"].map((name) => [
            name,
            { type: "category", min: 1, missing: ["-1"] } as const,
          ]),
        ),
        duration: { type: "number", scale: "log" },
      },
    }),
  },
];

/** Files of the layout → a table of the columns wanted, by their names in the header or in the layout. */
function rowsOf({ delimiter, names, perhaps }: Layout, found: readonly string[] | undefined): ReadRows {
  return async (reading, wanted, { input, table }) => {
    for (const [k, file] of input.entries()) {
      const own = names !== undefined && (perhaps !== true || found === undefined);
      const sign = own ? delimiter : await separatorOf(reading, file, delimiter);
      const header = own ? undefined : headerOf((await peek(reading, file, { delimiter: sign }, 1))[0], sign, file);
      const all = header?.names ?? (names as readonly string[]);
      const columns = wanted.map((column): Column => {
        const at = header === undefined ? all.indexOf(column.name) : (placeOf(header, column.name, file) ?? -1);
        if (at < 0) throw noColumn(column.name, all, file);
        return { ...column, at };
      });
      const layout = { columns, width: all.length, delimiter: sign, unquoted: own, ...given({ header: header?.line }) };
      await readDelimited(reading, [file], layout, { table, select: "*", append: k > 0 });
    }
  };
}

/** A published sample may be a table with commas where the publisher's file has tabs. */
async function separatorOf(reading: Reading, file: string, standard: string): Promise<string> {
  const [first] = await peek(reading, file, { delimiter: standard }, 1);
  return first?.text.includes(standard) === true ? standard : ",";
}

function formatOf(layout: Layout): DataFormat {
  const format: DataFormat = {
    name: layout.name,
    takes: { input: layout.input },
    describe: layout.describe,
    async read(reading) {
      const input = await inputFiles(reading, format, [".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv"]);
      const header = await headerIn(reading, layout, input[0] as string);
      const columns = layout.columns(header ?? layout.names ?? []);
      const { anonymous = [] } = layout;
      return readTable(reading, rowsOf(layout, header), input, {
        columns: { user: "", item: "", ...columns },
        anonymous,
      });
    },
  };
  return format;
}

/** The names that a file begins with; undefined: it has none. */
async function headerIn(reading: Reading, { names, perhaps, delimiter }: Layout, file: string) {
  if (names !== undefined && perhaps !== true) return undefined;
  const sign = await separatorOf(reading, file, delimiter);
  const [first] = await peek(reading, file, { delimiter: sign }, 1);
  const header = headerOf(first, sign, file);
  return perhaps === true && !header.names.includes("label") ? undefined : header.names;
}

/** Click logs by the names of their publishers. */
export const published: readonly DataFormat[] = layouts.map(formatOf);
