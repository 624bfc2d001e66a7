import { isGradpoolError } from "@gradpool/core";
import { assert, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { type Answer, linesOf, reported, rowsIn, tryFormat } from "./lab.js";
import type { FormatKit, FormatLike } from "./types.js";

type Case = ConformanceCase<Promise<void>>;

/** Every row is read, or counted with its place and reason; the same files give the same set. */
export function readingCases(format: FormatLike, kit: FormatKit): Case[] {
  const { sample, rows = 400 } = kit;
  const ahead = sample.header?.length ?? 0;
  return [
    check("rows", "accounts for every row", async () => {
      const report = reported(await tryFormat(format, kit, { lines: linesOf(kit) }));
      const read = rowsIn(kit, report);
      assert(read === rows, () => `${rows} rows went in, ${read} are accounted for`);
      assert(report.malformed === 0, () => `${report.malformed} rows of a good sample are malformed`);
    }),
    check("rows", "reads the last row with and without a newline behind it", async () => {
      const report = reported(await tryFormat(format, kit, { lines: linesOf(kit), end: "" }));
      assert(rowsIn(kit, report) === rows, () => `${rowsIn(kit, report)} of ${rows} rows without a last newline`);
    }),
    check("rows", "makes the same files again from the same files", async () => {
      const [first, second] = [
        await tryFormat(format, kit, { lines: linesOf(kit) }),
        await tryFormat(format, kit, { lines: linesOf(kit) }),
      ];
      reported(first);
      assert([...first.left.keys()].join() === [...second.left.keys()].join(), () => "other files the second time");
      for (const [name, bytes] of first.left) {
        assert(same(bytes, second.left.get(name)), () => `${name} differs the second time`);
      }
    }),
    ...sample.bad.map((line) =>
      check("malformed rows", `counts ${JSON.stringify(line)} with file, line and reason`, async () => {
        const at = 150;
        const report = reported(await tryFormat(format, kit, { lines: linesOf(kit, new Map([[at, line]])) }));
        assert(report.malformed === 1, () => `${report.malformed} rows are malformed, not 1`);
        assert(rowsIn(kit, report) === rows, () => `${rowsIn(kit, report)} of ${rows} good rows are accounted for`);
        const row = report.malformedRows[0] ?? fail("the malformed row is not shown");
        const name = sample.file.split("/").at(-1);
        assert(row.file === name, () => `the malformed row is said to be in ${row.file}, not in ${name}`);
        assert(
          row.line === ahead + at + 1,
          () => `the malformed row is said to be line ${row.line}, not ${ahead + at + 1}`,
        );
        assert(row.reason.length > 0, () => "the malformed row has no reason");
      }),
    ),
    check("malformed rows", "refuses them all under strict, naming the first, and leaves nothing behind", async () => {
      const lines = linesOf(kit, new Map([[150, sample.bad[0] ?? fail("the sample has no bad line")]]));
      refused(await tryFormat(format, kit, { lines, options: { strict: true } }), [
        "invalid-input",
        `${sample.file.split("/").at(-1)}:${ahead + 151}`,
      ]);
    }),
    check("malformed rows", "refuses a file of which more than 1 % are malformed", async () => {
      const bad = sample.bad[0] ?? fail("the sample has no bad line");
      const many = new Map(Array.from({ length: Math.ceil(rows / 40) }, (_, k) => [40 * k, bad]));
      refused(await tryFormat(format, kit, { lines: linesOf(kit, many) }), ["invalid-input", "malformed"]);
    }),
  ];
}

/** What a preparation that must fail says; everything that is asked of the code and the message. */
export function refused(answer: Answer, parts: readonly string[], codes?: readonly string[]): void {
  const { error, left } = answer;
  if (error === undefined) return fail("nothing was thrown");
  if (!isGradpoolError(error)) return fail(`not a GradpoolError: ${String(error)}`);
  const text = `${error.code}: ${error.message}`;
  for (const part of parts) assert(text.includes(part), () => `"${text}" does not say ${part}`);
  if (codes !== undefined)
    assert(codes.includes(error.code), () => `the code is ${error.code}, not ${codes.join(" or ")}`);
  assert(!error.message.includes("\n"), () => `not one line: ${error.message}`);
  assert(left.size === 0, () => `left behind: ${[...left.keys()].join(", ")}`);
}

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, k) => byte === b[k]);
}
