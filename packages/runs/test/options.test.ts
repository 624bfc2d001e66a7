import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkConfig, hyphenated, readField, trainOptionRows } from "../src/options/read.js";
import { defaultConfig, trainFields, trainOption } from "../src/options/training.js";
import { readConfig } from "../src/run/read-config.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-options-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the table of training options", () => {
  it("takes its own defaults", () => {
    expect(checkConfig(defaultConfig, "here")).toEqual(defaultConfig);
  });

  it("reads from a text what a configuration holds", () => {
    expect(readField("epochs", "3", "here")).toBe(3);
    expect(readField("lr", "1e-4", "here")).toBe(1e-4);
    expect(readField("tasks", " buy, cart,", "here")).toEqual(["buy", "cart"]);
    expect(readField("onNonFinite", "skip", "here")).toBe("skip");
    expect(hyphenated("diagnosticsEvery")).toBe("diagnostics-every");
  });

  it.each([
    [{ epochs: 0 }, /^`epochs` is 0 \(here\): give an integer in \[1, ∞\)$/],
    [{ epochs: 1.5 }, /`epochs` is 1.5/],
    [{ epochs: "3" }, /`epochs` is "3" .*an integer/],
    [{ lr: null }, /`lr` is null/],
    [{ lr: Infinity }, /`lr` is Infinity \(here\)/],
    [{ rows: "dense" }, /`rows` is dense .*did you mean dense-equivalent\?$/],
    [{ optimizer: "lion" }, /give sgd \| adam \| adamw \| adagrad/],
    [{ tasks: "buy" }, /`tasks` is "buy" .*a list of names/],
    [{ tasks: [1] }, /`tasks` is \[1\]/],
    [{ learningRate: 1 }, /^unknown option learningRate \(here\)/],
    [{ evalevery: 1 }, /unknown option evalevery \(here\): did you mean evalEvery or/],
    [[], /\[\] is no object \(here\)/],
    [null, /null is no object/],
  ])("refuses %j, with the place and what would do", (given, message) => {
    expect(() => checkConfig(given, "here")).toThrow(message);
  });

  it("takes null where an option may be left open, and leaves out what is undefined", () => {
    expect(checkConfig({ patience: null, balance: null, lr: undefined }, "here")).toEqual({
      patience: null,
      balance: null,
    });
  });

  it("checks a configuration's file, and names it", () => {
    const path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify({ epochs: 2 }));
    expect(readConfig(path)).toEqual({ epochs: 2 });
    writeFileSync(path, JSON.stringify({ epoch: 2 }));
    expect(() => readConfig(path)).toThrow(/unknown option epoch \(.*config\.json\): did you mean epochs\?/);
    writeFileSync(path, "{");
    expect(() => readConfig(path)).toThrow(/not JSON \(.*config\.json\)/);
    writeFileSync(path, '{ "model": "1e999",\n  "tasks": ["a\\"2e999"],\n  "lr": -1e999 }');
    expect(() => readConfig(path)).toThrow(/^-1e999 is beyond what a number holds \(.*config\.json, line 3\): give/);
  });

  it("stands in the README, option by option", () => {
    const squeeze = (text: string): string => text.replaceAll(/ +/g, " ");
    const readme = squeeze(readFileSync(new URL("../README.md", import.meta.url), "utf8"));
    for (const row of trainOptionRows()) {
      const cells = [`\`${row.field}\``, row.default, row.range, row.description];
      expect(readme).toContain(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    }
    expect(trainFields.every((field) => trainOption(field).description !== "")).toBe(true);
  });
});

it("a configuration with a slip trains nothing: unknown fields, values and types are refused by name, one after the other", () => {
  const held = { data: "shop(users=60)", epoch: 1, negativeSampling: "x", onNonFinite: "maybe" };
  expect(() => checkConfig(held, "typo.json")).toThrow(/unknown option epoch \(typo\.json\): did you mean epochs\?/);
  const { epoch: _, ...rest } = held;
  expect(() => checkConfig(rest, "typo.json")).toThrow(/`negativeSampling` is x .*uniform/);
  const { negativeSampling: __, ...less } = rest;
  expect(() => checkConfig(less, "typo.json")).toThrow(/`onNonFinite` is maybe .*stop/);
  expect(() => checkConfig(JSON.parse('{"__proto__":{"epochs":1}}'), "typo.json")).toThrow(/unknown option __proto__/);
});
