/** What `--help` says is what holds: its flags, its defaults, its examples. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadRecipe, makePlan } from "@gradpool/bench";
import { formats, prepare } from "@gradpool/data";
import {
  defaultConfig,
  describeData,
  readField,
  trainFields,
  trainOption,
  type TrainField,
  workloads,
} from "@gradpool/runs";
import { describe, expect, it } from "vitest";
import { commandLines } from "../../../test/shell-lines.js";
import { recipeArgs, trainArgs } from "../src/flags/training.js";
import type { Command } from "../src/terminal/command.js";
import { checkFlags, commonArgs } from "../src/terminal/flags.js";
import { commandHelp } from "../src/terminal/help.js";

const folder = fileURLToPath(new URL("../src/commands/", import.meta.url));
const commands = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const module = (await import(/* @vite-ignore */ `${folder}${file}`)) as Record<string, Command>;
    const [command] = Object.entries(module).flatMap(([name, value]) => (name.endsWith("Command") ? [value] : []));
    return { name: command!.name, command: command!, help: await commandHelp(command!, false) };
  }),
);
const helpOf = (name: string): string => commands.find((one) => one.name === name)!.help;

/** A flag's line of the help. */
function lineOf(help: string, flag: string): string {
  const line = help.split("\n").find((one) => new RegExp(`^ +--${flag}(=|\\s)`).test(one));
  if (line === undefined) throw new Error(`no line for --${flag}`);
  return line.trim();
}

/** What follows "default" in a flag's line. */
const defaultIn = (line: string): string | undefined => /\(default:? ([^()]*(?:\([^()]*\))?[^()]*)\)/i.exec(line)?.[1];

describe.each(commands.map((one) => [one.name, one] as const))("gradpool %s --help", (_name, { command, help }) => {
  const flags = Object.entries({ ...command.args, ...commonArgs }).filter(([, { type }]) => type !== "positional");

  it("shows every flag that the command takes, each once, and names no other", () => {
    for (const [flag] of flags) expect(help.match(new RegExp(`^ +(-h, )?--${flag}[= ]`, "gm"))).toHaveLength(1);
    const names = new Set(flags.map(([flag]) => flag));
    // A flag of another command is named with it.
    const named = [...help.replaceAll(/gradpool (?!\w+ \()\w+.*$/gm, "").matchAll(/--([a-z][a-z-]*)/g)];
    const others = ["train"];
    for (const [, flag = ""] of named) {
      if (!names.has(flag))
        expect(help).toMatch(
          new RegExp(`--${flag} of gradpool (${others.join("|")}|bench)|--${flag} folder of gradpool`),
        );
    }
  });

  it("says in words what it means: no option's own name in backticks, no line left without a text", () => {
    expect(help).not.toContain("`");
    for (const [flag, { description }] of flags) expect(description, flag).toMatch(/\w{2}/);
    expect(help).not.toMatch(/undefined|\[object|=NaN|=[,)\s]/);
  });

  it("has examples that the command takes as they stand", () => {
    const lines = commandLines(`\`\`\`sh\n${command.examples.join("\n")}\n\`\`\``);
    expect(lines).toHaveLength(command.examples.length);
    for (const [name, ...args] of lines) {
      expect(name).toBe(command.name);
      expect(() => checkFlags(command, args), args.join(" ")).not.toThrow();
    }
  });

  it("marks as repeatable what may be repeated, and nothing else", () => {
    const repeated = flags.filter(([, { description }]) => /may be repeated|once for each/.test(description ?? ""));
    expect(repeated.map(([flag]) => flag).sort()).toEqual([...(command.repeatable ?? [])].sort());
  });
});

describe("the defaults that --help shows", () => {
  it("of train are those of the table that is used, the data apart, which must be named", () => {
    for (const field of trainFields.filter((one) => one !== "data")) {
      const { open } = trainOption(field);
      const flag = field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const shown = defaultIn(lineOf(helpOf("train"), flag));
      if (open === undefined) expect(readField(field, shown!, "help"), field).toEqual(defaultConfig[field]);
      else expect(shown, field).toBe(open);
    }
    expect(trainArgs.data.description).toMatch(/needed, unless --config or --resume says it/);
  });

  it("of bench are those of the plan that it makes of the demo", async () => {
    const { facts } = await describeData("shop(users=60,items=50)");
    const plan = await makePlan({ recipe: loadRecipe("demo"), config: {} }, facts);
    for (const flag of Object.keys(recipeArgs({})).filter((one) => one !== "target")) {
      const field = flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as TrainField;
      const shown = /\(default: the recipe's; demo: (.*)\)$/.exec(lineOf(helpOf("bench"), flag))?.[1];
      expect(shown, flag).toBeDefined();
      if (shown === trainOption(field).open) {
        const { base } = loadRecipe("demo");
        expect(base[field], flag).toBeUndefined();
      } else if (field !== "tasks") expect(plan.base[field], flag).toEqual(readField(field, shown!, "help"));
    }
    expect(lineOf(helpOf("bench"), "seeds")).toContain(`demo: ${plan.seeds.length})`);
    expect(loadRecipe("demo").name).toBe(defaultIn(lineOf(helpOf("bench"), "recipe")));
    const search = { space: { lr: "0..1" } };
    const searched = await makePlan({ recipe: loadRecipe("demo"), config: {}, search }, facts);
    expect(searched.search).toMatchObject({
      trials: Number(defaultIn(lineOf(helpOf("bench"), "trials"))),
      seed: Number(defaultIn(lineOf(helpOf("bench"), "search-seed"))),
      strategy: "random",
    });
  });

  it("of bench leave out what a comparison sets itself: its pools and its seeds", () => {
    const { command } = commands.find((one) => one.name === "bench")!;
    expect(() => checkFlags(command, ["--out", "x", "--seed", "2"])).toThrow(/unknown flag --seed .*--seeds/);
    expect(() => checkFlags(command, ["--out", "x", "--pool", "ew"])).toThrow(/unknown flag --pool .*--pools/);
  });
});

describe("the lists in --help", () => {
  it("of train name every model with its options", () => {
    for (const { name, options } of workloads) {
      const line = helpOf("train")
        .split("\n")
        .find((one) => new RegExp(`^ {2}${name}(\\(|$)`).test(one));
      for (const option of Object.keys(options)) expect(line).toContain(`${option}=`);
    }
  });

  it("of prepare name every format, and of each flag of reading the formats that take it", async () => {
    const help = helpOf("prepare");
    for (const { name, takes } of formats) {
      expect(help).toMatch(new RegExp(`^ {2}${name}( |$)`, "m"));
      for (const [option, hint] of Object.entries(takes)) {
        if (option === "input" || ["encoding", "behaviors"].includes(option)) continue;
        const flag = option === "labels" ? "label" : option.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
        expect(lineOf(help, hint === "NAME=FILE" ? "behavior" : flag), name).toContain(name);
      }
    }
    // One that a format does not take is refused, not left aside.
    const wrong = prepare({ format: "movielens", input: ["x"], columns: { user: "a", item: "b" }, out: "never" });
    await expect(wrong).rejects.toThrow(/takes no `columns`/);
  });
});
