/**
 * The two readers of text files agree: whatever the fast one takes, the slow one reads as the same rows, and finds none of them
 * malformed. Over 250 generated files; over 10,000: `READER_FILES=10000 npx vitest run packages/data/test/readers.test.ts`.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineSource, readFast, type Layout } from "../src/tables/delimited.js";
import { openDuck, type Duck } from "../src/tables/duck.js";
import { decodingOf } from "../src/tables/encoding.js";
import { loadRecords } from "../src/tables/load-lines.js";
import { createMalformedLog } from "../src/tables/malformed.js";
import type { Workspace } from "../src/tables/workspace.js";
import { scratch } from "./support.js";

const files = Number(process.env["READER_FILES"] ?? 250);
const disk = scratch();
let db: Duck;
beforeAll(async () => {
  db = await openDuck({ threads: 1, memory: "1GB" });
});
afterAll(() => {
  db.close();
  disk.remove();
});

function workspace(): Workspace {
  let fresh = 0;
  mkdirSync(`${disk.folder}/work`, { recursive: true });
  return {
    db,
    folder: `${disk.folder}/work`,
    malformed: createMalformedLog(),
    signal: undefined,
    note: () => undefined,
    source: (path) => path,
    progress: () => undefined,
    fresh: (prefix) => `${prefix}_${fresh++}`,
  };
}

const rowsOf = async (table: string): Promise<readonly string[]> =>
  (await db.rows(`SELECT * FROM ${table} ORDER BY ALL`)).map((row) =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  );

/** What each reader makes of a file; the fast one undefined if it leaves the file to the other. */
async function both(content: Buffer, layout: Layout) {
  const path = `${disk.folder}/file.csv`;
  writeFileSync(path, content);
  const into = (table: string) => ({ table, select: "*" });
  const fast = (await readFast(workspace(), [path], layout, into("fast"))) ? await rowsOf("fast") : undefined;
  const slow = workspace();
  let refused: unknown;
  try {
    await loadRecords(slow, [path], lineSource(layout, decodingOf()), layout.columns, into("slow"));
  } catch (error) {
    refused = error;
  }
  return { fast, slow: refused === undefined ? await rowsOf("slow") : [], malformed: slow.malformed, refused };
}

/** Values of a kind that say something, and such as only look as if they did. */
const good = {
  id: fc.constantFrom(
    "1",
    "007",
    "u1",
    "é",
    "日本",
    "a b",
    "18446744073709551616",
    "-5",
    "x'y",
    "NULL",
    "#1",
    "a\u00a0b",
    "0x1",
  ),
  whole: fc.constantFrom("1", "2", "30", "-7", "123456789012345678"),
  number: fc.constantFrom("1", "2.5", "-3e2", ".5", "4.", "", "nan", "NaN", "1E+3", "0", "-0", "+7"),
  label: fc.constantFrom("0", "1", "true", "False", "", "nan", "1.0", "0.0"),
  time: fc.constantFrom("1600000000", "2020-01-01", "2020-01-01T10:00:00+09:00", "2020/1/2 03:04", "", "NaT", "1.6e9"),
  text: fc.constantFrom("red", "", "blue green", "  ", "\t", "ß"),
} as const;
const odd = fc.constantFrom(
  "0x10", "1_000", "inf", "-infinity", "1e999", "yes", "-1", "0.5", " 5 ", "5,5", "2020-13-01", "01.02.2020", "1600000000000",
  "٣", "1 2", '"', '""', 'a"b', '"a"b', ' "a"', '"a" ', "a\rb", "a\nb", "\\N", "\u0000", "\ufeff1", "20200101", "+-1", "1e", "007", "\u2028",
); // prettier-ignore

type Kind = keyof typeof good;
const kinds = Object.keys(good) as Kind[];

/** A cell, as it is written: bare, quoted, or quoted with spaces around. */
const written = (value: string, how: number): string => {
  const quoted = `"${value.replaceAll('"', '""')}"`;
  return [value, value, value, quoted, quoted, ` ${quoted} `][how] ?? value;
};

const cell = (kind: Kind, wild: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 0, max: 99 }), good[kind], odd, fc.integer({ min: 0, max: 5 }))
    .map(([luck, sound, strange, how]) => written(luck < wild ? strange : sound, how));

const pick = <T>(values: readonly T[], luck: number): T => values[luck % values.length] as T;

interface Generated {
  readonly content: Buffer;
  readonly layout: Layout;
}

const delimited: fc.Arbitrary<Generated> = fc
  .tuple(
    fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(",", ";", "\t", "|", "::"),
    fc.integer({ min: 0, max: 9 }),
    fc.boolean(),
  )
  .chain(([columns, delimiter, luck, required]) => {
    const wild = pick([0, 0, 0, 2, 2, 10, 40], luck);
    const row = fc.tuple(...columns.map((kind) => cell(kind, wild)), fc.integer({ min: 0, max: 199 }));
    return fc
      .tuple(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("\n", "\n", "\r\n", "\r"),
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 20, maxLength: 20 }),
      )
      .map(([rows, end, lucks]): Generated => {
        const [mark = 1, last = 1, header = 1, bare = 1, skipped = 1, mixed = 1, bytes = 1] = lucks;
        const lines = rows.map((fields, k) => {
          const cells = (fields as unknown[]).slice(0, -1) as string[];
          const surplus =
            ["", "", "", "", delimiter, `${delimiter}${delimiter}`, `${delimiter}x`][(lucks[k + 7] ?? 9) % 97] ?? "";
          const short = (lucks[k + 8] ?? 1) % 89 === 0;
          return (short ? cells.slice(1) : cells).join(delimiter) + surplus;
        });
        if (mixed % 11 === 0)
          lines.splice(mixed % (lines.length + 1), 0, pick(["", "   ", "\t", delimiter, '"'], mixed));
        const named = columns.map((_, k) => `h${k}`).join(delimiter);
        const hasHeader = header % 2 === 0;
        const unasked = skipped % 3 === 0 && columns.length > 1 ? 0 : -1;
        const joined = [...(hasHeader ? [named] : []), ...lines].join(
          mixed % 7 === 0 ? pick(["\n", "\r\n", "\r"], mixed) : end,
        );
        const text = `${mark % 9 === 0 ? "\ufeff" : ""}${joined}${last % 3 === 0 ? "" : end}`;
        const content = Buffer.from(text);
        // A byte that is no UTF-8, now and then.
        if (bytes % 23 === 0 && content.length > 8) content[5 + (bytes % (content.length - 6))] = 0xe9;
        return {
          content,
          layout: {
            columns: columns.flatMap((kind, at) =>
              at === unasked
                ? []
                : [{ name: `h${at}`, as: `c_${at}`, at, kind, required: required && kind !== "text" }],
            ),
            width: columns.length,
            delimiter,
            unquoted: bare % 4 === 0 || delimiter === "::",
            header: hasHeader ? 1 : undefined,
          },
        };
      });
  });

const pieces = (line: string): string[] => {
  const trimmed = line.replaceAll(/^[ \t]+|[ \t]+$/g, "");
  return trimmed === "" || /^[#%]/.test(trimmed) ? [] : trimmed.split(/[ \t]*,[ \t]*|[ \t]+/);
};

const edges: fc.Arbitrary<Generated> = fc
  .tuple(fc.constantFrom(" ", "\t", ","), fc.boolean(), fc.integer({ min: 0, max: 6 }))
  .chain(([separator, valued, luck]) => {
    const wild = pick([0, 0, 1, 5, 30], luck);
    const id = fc.oneof(
      { weight: 99, arbitrary: fc.constantFrom("1", "u2", "é", "a\u00a0b", "x:y", '"q', "3.5") },
      { weight: wild, arbitrary: fc.constantFrom("#", "a,b", "a b", "a\tb", "%x", "", " ") },
    );
    const value = fc.oneof(
      { weight: 99, arbitrary: fc.constantFrom("1", "2.5", "nan") },
      { weight: wild, arbitrary: odd },
    );
    const gap = fc.oneof(
      { weight: 199, arbitrary: fc.constant(separator) },
      { weight: wild, arbitrary: fc.constantFrom("  ", " , ", "\t\t", ", ") },
    );
    return fc
      .tuple(
        fc.array(fc.tuple(id, gap, id, gap, value, fc.integer({ min: 0, max: 99 })), { minLength: 1, maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
      )
      .map(([rows, end]): Generated => {
        const lines = rows.map(([a, g, b, h, v, k]) =>
          k < wild ? "# comment here" : `${a}${g}${b}${valued ? `${h}${v}` : ""}`,
        );
        const odds = ["u", "i"]
          .map((c) => `contains(${c}, ',') OR contains(${c}, ' ') OR contains(${c}, chr(9))`)
          .join(" OR ");
        return {
          content: Buffer.from(lines.join(end) + end),
          layout: {
            columns: [
              { name: "user", as: "u", kind: "id", required: true },
              { name: "item", as: "i", kind: "id", required: true },
              ...(valued ? [{ name: "value", as: "v", kind: "number" } as const] : []),
            ],
            delimiter: separator,
            unquoted: true,
            split: pieces,
            regular: true,
            doubt: `${odds} OR u[1] IN ('#', '%')`,
            optional: valued ? 1 : 0,
          },
        };
      });
  });

describe("the two readers", () => {
  it(`give the same rows and the same malformed ones, over ${files} files`, async () => {
    const seen = { taken: 0, left: 0, rows: 0, malformed: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 3, arbitrary: delimited }, { weight: 1, arbitrary: edges }),
        async ({ content, layout }) => {
          const { fast, slow, malformed, refused } = await both(content, layout);
          if (refused !== undefined) seen.refused++;
          seen.rows += slow.length;
          seen.malformed += malformed.count;
          if (fast === undefined) {
            seen.left++;
            return;
          }
          seen.taken++;
          expect(refused).toBeUndefined();
          expect(malformed.first).toEqual([]);
          expect(fast).toEqual(slow);
        },
      ),
      { numRuns: files, seed: 20 },
    );
    rmSync(`${disk.folder}/work`, { recursive: true, force: true });
    // The test says something only if the fast reader takes many files, and many hold rows that it must not.
    expect(seen.taken).toBeGreaterThan(0.3 * files);
    expect(seen.malformed).toBeGreaterThan(0.3 * files);
    if (process.env["READER_FILES"]) console.log(JSON.stringify(seen));
  }, 1_800_000);
});
