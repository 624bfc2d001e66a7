import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { besides, bitsOf, gradpool, hasStrace, killedAt, stories } from "./harness.js";

/** KILLS=12: up to so many kills at each system call, which takes minutes. */
const depth = Number(process.env["KILLS"] ?? 1);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-kills-"));
  writeFileSync(
    join(folder, "rows.csv"),
    `user,item\n${Array.from({ length: 200 }, (_, k) => `u${k % 20},i${(k * 7) % 31}`).join("\n")}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasStrace)("killed by strace at a system call, and run again", () => {
  it.each(stories.map((story) => [story.name, story] as const))(
    "%s ends with the bits of an unbroken run",
    { timeout: 3_600_000 },
    (_, story) => {
      story.prepare?.(folder, "whole");
      expect(gradpool(folder, story.first("whole")).code).toBe(0);
      const whole = bitsOf(join(folder, "whole"));
      rmSync(join(folder, "whole"), { recursive: true });
      const kills: string[] = [];
      for (const call of depth > 1 ? story.calls : story.calls.filter((name) => ["rename", "fsync"].includes(name))) {
        for (let nth = 1 + (depth === 1 ? 1 : 0); nth <= Math.max(2, depth); nth++) {
          story.prepare?.(folder, "out");
          const { killed } = killedAt(folder, story.first("out"), call, nth);
          if (killed) kills.push(`${call} ${nth}`);
          const again = gradpool(folder, story.again("out"));
          expect(again.code, `${call} ${nth}: ${again.stderr}`).toBe(0);
          expect(bitsOf(join(folder, "out")), `${call} ${nth}`).toEqual(whole);
          expect(besides(folder, "out"), `${call} ${nth}`).toEqual([]);
          rmSync(join(folder, "out"), { recursive: true });
        }
      }
      if (depth > 1) console.log(`${story.name}: ${kills.length} kills, all with the bits of an unbroken run`);
      expect(kills.length).toBeGreaterThan(0);
    },
  );
});
