import {
  type Column,
  type DataFormat,
  inputFiles,
  type LineParser,
  loadLines,
  prepare,
  type Reading,
} from "@gradpool/data";
import { formatCases, type FormatKit } from "@gradpool/testkit";
import { describe, expect, it } from "vitest";
import { failed } from "./failed.js";

const columns: readonly Column[] = [
  { name: "b", kind: "number" },
  { name: "u", kind: "id", required: true },
  { name: "i", kind: "id", required: true },
  { name: "t", kind: "number" },
];

const event: LineParser = (line) => {
  const [u, i, ...rest] = line.split(" ");
  return u && i && rest.length === 0 ? [["0", u, i, "0"]] : "not USER ITEM";
};

interface Mistake {
  readonly parse?: LineParser;
  /** After the lines are loaded. */
  readonly after?: (reading: Reading) => Promise<void>;
  readonly malformed?: (reading: Reading) => Reading["malformed"];
  readonly format?: Partial<DataFormat>;
}

/** `USER ITEM` a line, with a mistake. */
function log({ parse = event, after, malformed, format }: Mistake = {}): DataFormat {
  const own: DataFormat = {
    name: "log",
    takes: { input: "FILE…" },
    describe: "USER ITEM",
    async read(given) {
      const reading = malformed === undefined ? given : { ...given, malformed: malformed(given) };
      await loadLines(reading, await inputFiles(reading, own, [".log"]), parse, "events", columns);
      await after?.(reading);
      reading.malformed.read(await reading.db.number("SELECT count(*) FROM events"));
      return {
        behaviors: ["buy"],
        raw: "(SELECT CAST(b AS UTINYINT) AS b, u, i, t, NULL::DOUBLE AS v FROM events)",
        timed: false,
        valued: false,
      };
    },
    ...format,
  };
  return own;
}

const kit: FormatKit = {
  prepare,
  sample: { file: "events.log", row: (k) => `u${k % 23} i${(k * 7) % 31}`, bad: ["one", "one two three"] },
};

const mutants: readonly (readonly [string, DataFormat, RegExp])[] = [
  [
    "rows dropped in silence",
    log({ after: async ({ db }) => void (await db.run("DELETE FROM events WHERE u = 'u3'")) }),
    /accounts for every row/,
  ],
  [
    "malformed rows dropped in silence",
    log({ parse: (line) => (typeof event(line, 1) === "string" ? [] : event(line, 1)) }),
    /counts "one" with file, line and reason/,
  ],
  [
    "malformed rows taken for what they are not",
    log({ parse: (line) => (typeof event(line, 1) === "string" ? [["0", "u0", "i0", "0"]] : event(line, 1)) }),
    /counts "one two three"|under strict/,
  ],
  [
    "lines counted from 0",
    log({
      malformed: ({ malformed }) => ({
        ...malformed,
        add: (path, line, reason) => malformed.add(path, line - 1, reason),
      }),
    }),
    /counts "one" with file, line and reason/,
  ],
  ["no reason", log({ parse: (line) => (typeof event(line, 1) === "string" ? "" : event(line, 1)) }), /counts "one"/],
  [
    "chance in what is kept",
    log({ after: async ({ db }) => void (await db.run("UPDATE events SET i = 'i' || CAST(random() * 9 AS INT)")) }),
    /same files again/,
  ],
  [
    "an error that is none of ours",
    log({ after: () => Promise.reject(new RangeError("no")) }),
    /accounts for every row/,
  ],
  [
    "options taken that it has no use for",
    log({ format: { takes: {} } }),
    /describes itself and what it takes|accounts/,
  ],
  ["a description of two lines", log({ format: { describe: "USER\nITEM" } }), /describes itself/],
];

describe("the suite of formats", () => {
  it("passes the right one", async () => {
    expect(await failed(formatCases(log(), kit))).toEqual([]);
  });

  for (const [name, format, expected] of mutants) {
    it(`catches ${name}`, async () => {
      expect((await failed(formatCases(format, kit))).join("; ")).toMatch(expected);
    });
  }

  it("catches a prepare that leaves files behind, writes another set each time, or does not hear a signal", async () => {
    const { mkdir, writeFile } = await import("node:fs/promises");
    const littering = async (options: { out: string }): Promise<never> => {
      await mkdir(`${options.out}.tmp`);
      throw new RangeError("half-way");
    };
    const names = await failed(formatCases(log(), { ...kit, prepare: littering as never }));
    expect(names).toContain("refuses a file that is not there");
    const changing: FormatKit["prepare"] = async (options, hooks) => {
      const report = await prepare(options, hooks);
      await writeFile(`${(options as { out: string }).out}/when`, String(process.hrtime.bigint()));
      return report;
    };
    expect(await failed(formatCases(log(), { ...kit, prepare: changing }))).toEqual([
      "makes the same files again from the same files",
    ]);
    const deaf: FormatKit["prepare"] = (options) => prepare(options);
    expect(await failed(formatCases(log(), { ...kit, prepare: deaf }))).toEqual([
      "stops when it is told to, before and during the reading",
    ]);
  });
});
