import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.js";
import { bitsOf, checkpoints, train } from "./killed.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const program = at("./generated/killed/child.mjs");
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-killed-"));
  await bundle(at("./killed-child.ts"), at("./generated/killed"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a run", () => {
  it.concurrent.each([
    ["shared bottom, MetaBalance, lazy Adam, epochs by rank", "bottom", "cpu", 1, "rank(ndcg@5,recall@5)"],
    ["click model, MultiBalance, dense-equivalent Adam", "click", "wasm", 2],
    ["NGCF, MetaBalance at the representation, two kinds of dropout", "graph", "cpu", 3],
    ["PLE, PCGrad on its cut", "experts", "cpu", 4],
    ["AITM, MetaBalance", "funnel", "cpu", 5],
  ] as const)(
    "(%s), killed at ten random moments, five of them in the writing of a checkpoint, and resumed, ends with the bits of an unbroken run",
    async (_name, kind, backend, seed, monitor?: string) => {
      const whole = join(folder, kind, "whole");
      const args = { kind, backend, ...(monitor !== undefined && { monitor }) };
      const once = await train(program, { ...args, folder: whole });
      expect(once.stderr).toBe("");
      expect(once.code).toBe(0);

      const broken = join(folder, kind, "broken");
      const random = createRandom(seed, 0x6b696c6c);
      const inWrites = ["writeSync", "linkSync", "fsyncSync", "renameSync", "writeSync"] as const;
      let halfWritten = 0;
      for (let kill = 0; kill < 10; kill++) {
        const call = inWrites[kill >> 1] as (typeof inWrites)[number];
        const ended =
          kill % 2 === 0
            ? await train(
                program,
                { ...args, folder: broken },
                { steps: 1 + random.int(9), delay: 8 * random.uniform() },
              )
            : await train(program, {
                ...args,
                folder: broken,
                dieAt: { call, count: 1 + random.int(call === "writeSync" ? 60 : 3) },
              });
        expect(ended, `kill ${kill}: ${ended.stderr}`).toMatchObject({ signal: "SIGKILL", result: undefined });
        halfWritten += readdirSync(broken).filter((name) => name.endsWith(".tmp")).length;
      }
      // Killed in a write, before the flush and before the renaming: four at least.
      expect(halfWritten).toBeGreaterThanOrEqual(4);

      const last = await train(program, { ...args, folder: broken });
      expect(last.code, last.stderr).toBe(0);
      expect(last.steps).toBeLessThan(once.steps);
      expect(last.result).toEqual(once.result);
      const candidates = readdirSync(whole).filter((name) => name.startsWith("candidate-"));
      expect(candidates.length > 0).toBe(monitor !== undefined);
      expect(readdirSync(broken).sort()).toEqual([...checkpoints, ...candidates].sort());
      for (const name of ["best.gradpool", "newest.gradpool", ...candidates]) {
        expect(bitsOf(join(broken, name)), name).toEqual(bitsOf(join(whole, name)));
      }
    },
  );
});
