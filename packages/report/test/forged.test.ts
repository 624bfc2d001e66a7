import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSweep, type SweepFiles } from "@gradpool/bench";
import { isGradpoolError } from "@gradpool/core";
import { afterAll, describe, expect, it } from "vitest";
import { type Draw, loadDraw } from "../src/drawing/draw.js";
import { markup } from "../src/drawing/html.js";
import { buildReport } from "../src/report.js";
import { attacks, forgedText, leaves, mapped, writeSweep } from "./forged.js";
import { fixture } from "./report-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-forged-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = fixture({
  diagnostics: 2,
  seeds: 2,
  pools: ["ew", "metabalance(relax={relax})"],
  grid: { relax: [0.3, 0.7] },
});

/** Elements and attributes that a page of results has no use for, outside of its own style and script. */
function active(page: string): readonly string[] {
  const content = page.replaceAll(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g, "");
  const tags = content.match(/<[a-z!][^>]*/gi) ?? [];
  return tags.filter(
    (tag) =>
      /^<(iframe|object|embed|base|form|img|a href="(?!#)|link (?!rel="icon" href="data:,")|script(?! type="application\/json"))/i.test(
        tag,
      ) || /\son\w+=|\sstyle=|javascript:|http-equiv="refresh/i.test(tag.replaceAll(/"[^"]*"/g, '""')),
  );
}

describe("results from elsewhere", () => {
  it("are read where a bench wrote them", () => {
    const read = readSweep(writeSweep(join(folder, "honest"), files));
    expect(read.summary).toEqual(JSON.parse(JSON.stringify(files.summary)));
    expect(read.records).toEqual(JSON.parse(JSON.stringify(files.records)));
  });

  it("with text in a number's place are refused, with the file and the field, whichever number it is", () => {
    const attack = attacks[3] as string;
    const small = JSON.parse(JSON.stringify({ ...files, records: files.records.slice(0, 1) })) as SweepFiles;
    const at = (path: readonly (string | number)[]): unknown =>
      path.reduce<unknown>((held, part) => (held as Record<string | number, unknown>)[part], small);
    const numbers = leaves({ summary: small.summary, records: small.records }).filter(
      (path) => typeof at(path) === "number",
    );
    // One of each kind of place: lists of numbers hold many of the same.
    const kinds = new Map(numbers.map((path) => [path.filter((part) => typeof part === "string").join("."), path]));
    expect(kinds.size).toBeGreaterThan(50);
    const taken = [...kinds].filter(([, path]) => {
      const forged = mapped(small, (leaf, here) => (here.join("/") === path.join("/") ? attack : leaf)) as SweepFiles;
      try {
        readSweep(writeSweep(join(folder, "numbers"), forged));
        return true;
      } catch (error) {
        if (!isGradpoolError(error) || !/summary\.json|results\.jsonl, line 1/.test(error.message)) throw error;
        return false;
      }
    });
    // A grid's or a search's values, and of a configuration what the report does not read, may be text: they are drawn as text.
    expect(
      taken.map(([kind]) => kind).filter((kind) => !/point|grid|config|base|search\.places\.value/.test(kind)),
    ).toEqual([]);
  });

  it("may be of another version, or be no object: one line says so", () => {
    const forge = (summary: unknown): (() => unknown) => {
      const where = writeSweep(join(folder, "version"), { ...files, summary: summary as SweepFiles["summary"] });
      return () => readSweep(where);
    };
    expect(forge({ ...files.summary, version: "<b>" })).toThrow(/summary has version "<b>"/);
    expect(forge([])).toThrow(/summary has version undefined/);
    expect(forge({ version: 1 })).toThrow(/plan is not what a bench writes: .*summary\.json/);
  });

  let draw: Draw;
  it.each(attacks)("are text wherever text may stand: %s", async (attack) => {
    draw ??= await loadDraw();
    const page = await buildReport(readSweep(writeSweep(join(folder, "text"), forgedText(files, attack))), draw);
    expect(active(page)).toEqual([]);
    expect(page.endsWith("</html>\n")).toBe(true);
  });

  it("are text by construction: also numbers that no schema has seen, and objects that look like HTML", async () => {
    draw ??= await loadDraw();
    for (const attack of attacks.slice(0, 4)) {
      const shown = new Set([
        "seed",
        "rank",
        "bestEpoch",
        "steps",
        "samples",
        "skipped",
        "stopped",
        "failed",
        "epochs",
      ]);
      const forged = mapped(files, (leaf, at) => (shown.has(String(at.at(-1))) ? attack : leaf)) as SweepFiles;
      const page = await buildReport(forged, draw).catch((error: unknown) => String(error));
      expect(active(page)).toEqual([]);
    }
    const lookalike = { toString: () => "<b>" };
    expect(String(markup`<p title="${'"'}">${lookalike as never}</p>`)).toBe('<p title="&quot;">&lt;b&gt;</p>');
  });
});
