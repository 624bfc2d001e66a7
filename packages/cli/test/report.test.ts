import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { readSweep } from "@gradpool/bench";
import { buildReport } from "@gradpool/report";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sweepFolder } from "../../bench/src/results/files.js";
import { fixture } from "../../report/test/report-fixture.js";
import { reportCommand } from "../src/commands/report.js";
import { main } from "../src/terminal/main.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-report-"));
const files = fixture({ diagnostics: 5, seeds: 1, pools: ["ew", "pcgrad"] });
beforeAll(() => {
  const sweep = sweepFolder(folder);
  sweep.end(files.records, files.summary);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("gradpool report", () => {
  it("makes the page from a comparison's folder, says where it is, and says where no browser can be shown", async () => {
    const said: string[] = [];
    const stream = Object.assign(new PassThrough(), { isTTY: false });
    stream.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const streams = { stdout: stream, stderr: stream, stdin: process.stdin };
    const entries = { report: { summary: "", load: () => Promise.resolve(reportCommand) } };
    const out = join(folder, "by-command.html");
    expect(await main(["report", folder, "--out", out, "--json"], entries, "0", streams)).toBe(0);
    expect(JSON.parse(said.join(""))).toEqual({ report: out });
    expect(readFileSync(out, "utf8")).toBe(await buildReport(files));
    vi.stubEnv("DISPLAY", "");
    vi.stubEnv("WAYLAND_DISPLAY", "");
    const code =
      process.platform === "linux" ? await main(["report", folder, "--out", out, "--open"], entries, "0", streams) : 1;
    expect(code).toBe(1);
    if (process.platform === "linux")
      expect(said.at(-1)).toMatch(/^gradpool: no browser could be started: .* the report is written\n$/);
    vi.unstubAllEnvs();
  });

  it("is refused where there is no comparison, with what to do", () => {
    expect(() => readSweep(join(folder, "nothing"))).toThrow(
      /no summary\.json .*give the folder of a finished comparison/,
    );
  });
});
