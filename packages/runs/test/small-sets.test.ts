/** Sets so small that everything ties, or that somebody has every item. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { prepare } from "@gradpool/data";
import { afterAll, describe, expect, it } from "vitest";
import { train } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-small-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** A shop whose first items are the popular ones, each customer's purchases one after the other, under other names of the items. */
function popular(nameOf: (item: number) => string): string {
  const random = createRandom(3, 1);
  const lines = Array.from({ length: 60 }, (_, user) => {
    const bought = new Set<number>();
    while (bought.size < 6) bought.add(Math.floor(40 * random.uniform() ** 3));
    return [...bought].map((item, at) => `c${user},${nameOf(item)},${1_600_000_000 + 60 * user + at}`);
  });
  return ["user,item,time", ...lines.flat(), ""].join("\n");
}

describe("a model that scores all items alike", () => {
  it.each(["rows", "scorer"])("has the same %s metrics whatever the numbering of the items", async (kind) => {
    const tested = async (name: string, nameOf: (item: number) => string) => {
      const input = join(folder, `${kind}-${name}.csv`);
      const set = join(folder, `${kind}-${name}`);
      writeFileSync(input, popular(nameOf));
      const columns = { user: "user", item: "item", time: "time" };
      await prepare({ format: "csv", input, columns, split: "leave-one-out", out: set });
      const config = { data: set, model: `${fixture("flat.js")}:${kind}`, epochs: 1 };
      return (await train({ config, out: join(folder, `run-${kind}-${name}`) })).result;
    };
    const ordered = await tested("ordered", (item) => String(item));
    const scattered = await tested("scattered", (item) => String((item * 13 + 7) % 40));
    const reversed = await tested("reversed", (item) => `toy ${39 - item}`);
    // By chance: 10 of the 35 or 36 items that a user has not met (less, where not all 40 were ever bought).
    expect(ordered.test?.["recall@10"]).toBeGreaterThan(10 / 36);
    expect(ordered.test?.["recall@10"]).toBeLessThan(0.5);
    for (const { best, test } of [scattered, reversed]) {
      expect(best?.["ndcg@10"]).toBeCloseTo(ordered.best!["ndcg@10"]!, 12);
      expect(test?.["ndcg@10"]).toBeCloseTo(ordered.test!["ndcg@10"]!, 12);
      expect(test?.["recall@10"]).toBeCloseTo(ordered.test!["recall@10"]!, 12);
    }
  });
});

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
