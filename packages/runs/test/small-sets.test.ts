/** Sets so small that everything ties, or that somebody has every item. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "@gradpool/data";
import { afterAll, describe, expect, it } from "vitest";
import { train } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-small-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe("a user who has every item", () => {
  it.each(["mf(dim=4)", "mf(dim=4,loss=bce)", "shared-bottom(dim=4,mlp=4,tower=4)"])(
    "is left out of %s's sampling, and named once by the source's id",
    async (model) => {
      const set = join(folder, `set-${model.length}`);
      const columns = { user: "user", item: "item", behavior: "event", time: "ts" };
      await prepare({ format: "csv", input: fixture("small-catalogue.csv"), columns, out: set });
      const notes: string[] = [];
      const { result } = await train({
        config: { data: set, model, epochs: 2 },
        out: join(folder, `run-${model.length}`),
        onNote: (line) => notes.push(line),
      });
      expect(result.stopped).toBe("epochs");
      const said = notes.filter((line) => line.includes("left out of sampling"));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(/^\d+ pairs are left out of sampling: whoever has everything has no negative \(u32\)$/);
    },
  );
});
