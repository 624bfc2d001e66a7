import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("../bin/gradpool.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradpool-searched-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a search by halving; `kill` ends it hard once so many lines were said. */
function search(out: string, kill?: number): Promise<{ readonly code: number | null; readonly text: string }> {
  const args =
    "bench --data shop(users=80,items=50) --batch 64 --epochs 3 --pools metabalance --metrics ndcg@10 --seeds 1 --jobs 2 --strategy halving --trials 3 --schedule cosine --search lr=log(1e-3,1e-1) --search pool.relax=0..1 --search dim=4,8";
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args.split(" "), "--out", out], { cwd: folder, detached: true });
    let text = "";
    let lines = 0;
    child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
    child.stderr.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      lines += more.split(/\d+\/\d+ /).length - 1;
      if (kill !== undefined && lines >= kill) process.kill(-child.pid!, "SIGKILL");
    });
    child.once("close", (code) => resolve({ code, text }));
  });
}

describe("a search by halving", () => {
  it("killed in its second stage and run again, ends with the summary of an unbroken one, and says what it took", async () => {
    const whole = await search("whole");
    expect(whole.text).toMatch(/stage 2 of 2/);
    expect(whole.text).toMatch(
      /metabalance.*: 3 points \(halving\), 5 of 5 epochs, best ndcg@10 .* at lr=\S+ \(\d+ % of log\(0\.001,0\.1\)/,
    );
    expect(whole.code).toBe(0);
    await search("broken", 4);
    const again = await search("broken");
    expect(again.code).toBe(0);
    const read = (...path: string[]): string => readFileSync(join(folder, ...path), "utf8");
    expect(read("broken", "summary.json")).toBe(read("whole", "summary.json"));
    const report = read("whole", "report.html");
    expect(report).toContain("Budget of the search");
    const summary = JSON.parse(read("whole", "summary.json")) as {
      readonly contenders: readonly { readonly name: string }[];
    };
    expect(summary.contenders[0]!.name).toMatch(/^metabalance\(relax=0?\.?\d+\)$/);
  }, 60_000);
});
