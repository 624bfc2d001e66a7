import { assert } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { linesOf, tryFormat } from "./lab.js";
import { refused } from "./reading.js";
import type { FormatKit, FormatLike } from "./types.js";

/** Files that are not there or hold nothing, and being told to stop: one line each, and nothing left behind. */
export function failureCases(format: FormatLike, kit: FormatKit): ConformanceCase<Promise<void>>[] {
  const name = kit.sample.file.split("/").at(-1) as string;
  const input = ["not-found", "invalid-input", "damaged", "usage"];
  return [
    check("errors", "refuses a file that is not there", async () => {
      refused(await tryFormat(format, kit, { lines: null }), [], input);
    }),
    check("errors", "refuses an empty file, and one of a header alone", async () => {
      const header = kit.sample.header ?? [];
      refused(await tryFormat(format, kit, { lines: [], end: "" }), [], input);
      if (header.length > 0) refused(await tryFormat(format, kit, { lines: header }), [], input);
    }),
    check("errors", "refuses a file of nothing but malformed rows, naming one", async () => {
      const bad = kit.sample.bad[0] ?? "";
      const lines = [...(kit.sample.header ?? []), ...Array<string>(20).fill(bad)];
      refused(await tryFormat(format, kit, { lines }), [name], input);
    }),
    check("errors", "stops when it is told to, before and during the reading", async () => {
      const stop = new AbortController();
      stop.abort();
      refused(await tryFormat(format, kit, { lines: linesOf(kit), signal: stop.signal }), [], ["interrupted"]);
      const later = new AbortController();
      setTimeout(() => later.abort(), 1);
      const answer = await tryFormat(format, kit, { lines: linesOf(kit), signal: later.signal });
      if (answer.error !== undefined) refused(answer, [], ["interrupted"]);
    }),
    check("errors", "refuses an option that it does not take, naming it", async () => {
      const stray = ["meta", "wechat", "valid", "labels", "columns"].find(
        (option) => format.takes[option] === undefined,
      );
      if (stray === undefined) return;
      const value = stray === "labels" ? ["x=y>=1"] : stray === "meta" || stray === "valid" ? "x" : {};
      refused(await tryFormat(format, kit, { lines: linesOf(kit), options: { [stray]: value } }), [stray], ["usage"]);
    }),
    check("structure", "describes itself and what it takes", async () => {
      assert(
        /^[a-z][a-z0-9-]*$/.test(format.name),
        () => `the name is ${format.name}: use lower case, digits and hyphens`,
      );
      assert(format.describe.length > 0 && !format.describe.includes("\n"), () => "describe is not one line");
      assert(Object.keys(format.takes).length > 0, () => "it takes no option, so no file");
      for (const [option, what] of Object.entries(format.takes)) {
        assert(what !== undefined && what.length > 0, () => `it does not say what to give for ${option}`);
      }
    }),
  ];
}
