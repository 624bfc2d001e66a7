import { describe, expect, it } from "vitest";
import { loadPool } from "../src/specifier/load.js";
import { parseSpecifier } from "../src/specifier/parse.js";
import { splitPools } from "../src/specifier/split.js";

describe("a pool specifier", () => {
  it.each([
    ["pcgrad", [{ name: "pcgrad", options: {} }], undefined],
    [
      "metabalance(relax=0.5,strategy=both)",
      [{ name: "metabalance", options: { relax: 0.5, strategy: "both" } }],
      undefined,
    ],
    ["cagrad(c=0.4)#row", [{ name: "cagrad", options: { c: 0.4, granularity: "row" } }], undefined],
    ["pcgrad@representation", [{ name: "pcgrad", options: {} }], "representation"],
    [
      "metabalance(relax=0.5,strategy=both)+pcgrad(against=target)@representation#row",
      [
        { name: "metabalance", options: { relax: 0.5, strategy: "both" } },
        { name: "pcgrad", options: { against: "target", granularity: "row" } },
      ],
      "representation",
    ],
    [
      "a( x = 1e-10 , y=true,z=null, w=[1, 2.5] )",
      [{ name: "a", options: { x: 1e-10, y: true, z: null, w: [1, 2.5] } }],
      undefined,
    ],
    ['a(x="with, (marks)")', [{ name: "a", options: { x: "with, (marks)" } }], undefined],
    ["a()", [{ name: "a", options: {} }], undefined],
    ["./my-pool.js(k=2)@losses", [{ name: "./my-pool.js", options: { k: 2 } }], "losses"],
    [
      "../pools/all.js:mine#parameter",
      [{ name: "../pools/all.js:mine", options: { granularity: "parameter" } }],
      undefined,
    ],
    ["@scope/pool@representation", [{ name: "@scope/pool", options: {} }], "representation"],
    [
      "pcgrad+@scope/pool",
      [
        { name: "pcgrad", options: {} },
        { name: "@scope/pool", options: {} },
      ],
      undefined,
    ],
    ['"./odd+name#1.js"(k=2)', [{ name: "./odd+name#1.js", options: { k: 2 } }], undefined],
  ])("%s is read", (text, links, level) => {
    expect(parseSpecifier(text)).toEqual({ text, links, ...(level === undefined ? {} : { level }) });
  });

  it.each([
    ["", /without a name.*character 1\)/],
    ["+pcgrad", /without a name/],
    ["pcgrad+", /without a name.*character 8/],
    ["pcgrad(", /without name=value/],
    ["pcgrad(against)", /without name=value/],
    ["pcgrad(against=)", /against has no value/],
    ["pcgrad(against=all", /closing parenthesis/],
    ["pcgrad(against=all,against=target)", /against is given twice/],
    ["pcgrad(against=all) ", /not expected/],
    ["pcgrad#rows", /unknown granularity rows.*did you mean row\?/],
    ["pcgrad#row#row", /granularity is given twice/],
    ["pcgrad@top", /unknown level top.*losses \| representation \| parameters/],
    ["pcgrad@losses@losses", /level is given twice/],
    ["pcgrad@losses+ew", /level inside a chain/],
    ["a(w=[1,)", /w has no value|cannot be read/],
  ])("%j is refused, with the place", (text, message) => {
    expect(() => parseSpecifier(text)).toThrow(message);
  });

  it("becomes a pool with its options resolved, and its level", async () => {
    const { pool, level } = await loadPool("metabalance(relax=0.5)#row@representation");
    expect(pool).toMatchObject({ name: "metabalance", granularity: "row", options: { relax: 0.5, beta: 0.9 } });
    expect(level).toBe("representation");
  });

  it("becomes a chain, left to right", async () => {
    const { pool, level } = await loadPool("metabalance+pcgrad(against=target)");
    expect(pool.name).toBe("metabalance+pcgrad");
    expect(level).toBeUndefined();
  });

  it("takes options from beside it, unless they contradict", async () => {
    const { pool } = await loadPool("pcgrad(reduction=mean)", { options: { against: "target", reduction: "mean" } });
    expect(pool.options).toMatchObject({ reduction: "mean", against: "target" });
    await expect(loadPool("pcgrad(reduction=mean)", { options: { reduction: "sum" } })).rejects.toThrow(/give it once/);
    await expect(loadPool("ew+pcgrad", { options: { reduction: "sum" } })).rejects.toThrow(/each link/);
    await expect(loadPool("ew+pcgrad", { options: {} })).resolves.toHaveProperty("pool");
  });

  it("names the nearest methods if there is none of that name", async () => {
    await expect(loadPool("metabalanse")).rejects.toMatchObject({
      code: "unknown-method",
      remedy: expect.stringContaining("did you mean metabalance") as unknown,
    });
    await expect(loadPool("xyzzy")).rejects.toMatchObject({
      remedy: expect.stringContaining("the methods are ") as unknown,
    });
  });
});

describe("a list of specifiers", () => {
  it("splits pools at commas outside parentheses", () => {
    expect(splitPools("ew, metabalance(relax=0.5,strategy=both)+pcgrad,./a.js")).toEqual([
      "ew",
      "metabalance(relax=0.5,strategy=both)+pcgrad",
      "./a.js",
    ]);
  });
});
