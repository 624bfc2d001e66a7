import { GradpoolError } from "@gradpool/core";
import { trainFields, trainOption } from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import { configOf, trainArgs } from "../src/flags/training.js";
import { defineCommand } from "../src/terminal/command.js";
import { speechOf } from "../src/terminal/speech.js";

const command = defineCommand({
  name: "any",
  summary: "",
  examples: [],
  args: {
    input: { type: "positional", description: "" },
    label: { type: "string", description: "" },
    "eval-every": { type: "string", description: "" },
  },
  repeatable: ["label"],
  run: () => Promise.resolve(),
});

describe("what a library says of its options", () => {
  const speech = speechOf(command);

  it("is said with the command's flags, plurals of repeated ones too", () => {
    expect(speech.text("`evalEvery` is 0; see `labels`")).toBe("--eval-every is 0; see --label");
  });

  it("stays as it is where it names no flag of the command", () => {
    for (const text of ["`seed` is 1", "`input`", "evalEvery is 0", "set `spec: 1`"])
      expect(speech.text(text)).toBe(text);
  });

  it("names the flag as an error's place, alone or before more", () => {
    const at = (where: string): string =>
      (speech.error(new GradpoolError({ code: "usage", what: "x", where, remedy: "y" })) as GradpoolError).message;
    expect(at("evalEvery")).toBe("x (--eval-every): y");
    expect(at("labels, like")).toBe("x (--label, like): y");
    expect(at("evalEvery of the recipe")).toBe("x (evalEvery of the recipe): y");
    const other = new RangeError("x");
    expect(speech.error(other)).toBe(other);
  });
});

describe("the flags of training", () => {
  it("are the options, each with its default or what holds without it", () => {
    expect(Object.keys(trainArgs)).toHaveLength(trainFields.length + 1);
    for (const field of trainFields) {
      const { description } = trainArgs[field as keyof typeof trainArgs] ?? { description: "" };
      if (description !== "") expect(description).toContain(trainOption(field).description);
    }
    expect(trainArgs.rows.description).toMatch(/^lazy \| dense-equivalent: .* \(default lazy\)$/);
    expect(trainArgs["eval-users"].description).toMatch(/\(default: all\)$/);
  });

  it("set the options that were given, and no others", () => {
    expect(configOf({})).toEqual({});
    expect(configOf({ "eval-every": "2", rows: "dense-equivalent" })).toEqual({
      evalEvery: 2,
      rows: "dense-equivalent",
    });
    expect(() => configOf({ rows: "dense" })).toThrow(/`rows` is dense \(command line\).*dense-equivalent/);
  });

  it("put the target first", () => {
    expect(configOf({ target: "cart" })).toEqual({ tasks: ["cart", "*"] });
    expect(configOf({ target: "cart", tasks: "buy,cart" })).toEqual({ tasks: ["cart", "buy"] });
  });
});
