import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as models from "../src/index.js";

describe("the README", () => {
  it("shows code that runs", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const names = /import \{ (.*) \}/.exec(code)?.[1]?.split(", ") ?? [];
    expect(names.length).toBeGreaterThan(3);
    const body = code.replace(/^import .*$/gm, "");
    const run = new Function(...names, `${body}\nreturn { factors, bottom, click };`);
    const { factors, bottom, click } = run(...names.map((name) => (models as never as Record<string, unknown>)[name]));
    expect(factors.tasks.map((task: { name: string }) => task.name)).toEqual(["buy", "trust", "stars"]);
    expect(bottom.variables.filter((v: { owner: string | null }) => v.owner === "cart")).toHaveLength(6);
    expect(click.tables).toMatchObject([{ name: "item", rows: 50_000, dim: 16 }]);
  });

  it("lists the options with their defaults", () => {
    expect(models.mf({ users: 2, items: 3, tasks: [models.bpr("buy")] }).options).toMatchObject({
      dim: 32,
      init: { kind: "xavier" },
    });
    expect(models.sharedBottom({ users: 2, items: 3, tasks: ["buy"] }).options).toMatchObject({
      dim: 64,
      mlp: [32, 16, 8],
      tower: [64, 32],
      dropout: 0.5,
    });
    expect(models.clickModel({ fields: [{ name: "item", vocabulary: 3 }], tasks: ["ctr"] }).options).toMatchObject({
      dim: 16,
      interaction: "dcn",
      crossLayers: 2,
      trunk: [256, 128, 64],
      head: [32],
      dropout: 0,
      tables: "per-field",
    });
    expect(() => models.clickModel({ fields: [], tasks: ["ctr"] })).toThrow(/no fields/);
    expect(() => models.sharedBottom({ users: 2, items: 3, tasks: ["buy"], dropout: 1 })).toThrow(/dropout is 1/);
  });
});
