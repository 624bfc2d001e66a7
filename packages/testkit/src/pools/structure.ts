import { describeRange, granularities, isGradpoolError, levels, type Method, type OptionSpec } from "@gradpool/core";
import { assert, assertFinite, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { creator } from "./create.js";
import { mixedFor, play, tasksFor } from "./scenario.js";

/** What the protocol asks of the method's description and of its options. */
export function structureCases(method: Method): ConformanceCase[] {
  const create = creator(method);
  return [
    check("structure", "describes itself", () => {
      assert(method.spec === 1, () => `spec is ${String(method.spec)}`);
      assert(/^[a-z][a-z0-9-]*$/.test(method.name), () => `name is ${method.name}: use lower case, digits and hyphens`);
      assert(method.summary.length > 0, () => "summary is empty");
      for (const field of ["title", "authors", "venue"] as const) {
        assert(method.paper[field].length > 0, () => `paper.${field} is empty`);
      }
      assert(!/\d{4}/.test(method.paper.venue), () => `paper.venue is ${method.paper.venue}: the year is paper.year`);
      assert(method.levels.length > 0, () => "no levels");
      for (const level of method.levels) assert(levels.includes(level), () => `level ${level}`);
      for (const granularity of method.granularities) {
        assert(granularities.includes(granularity), () => `granularity ${granularity}`);
      }
      for (const [property, declared] of Object.entries(method.properties)) {
        assert(declared === true || declared.length > 0, () => `${property} is neither declared nor disclaimed`);
      }
      for (const [name, option] of Object.entries(method.options)) {
        assert(option.description.length > 0, () => `option ${name} has no description`);
      }
    }),
    check("structure", "makes a pool whose options are resolved and plain JSON", () => {
      const pool = create();
      assert(pool.spec === 1, () => `spec is ${String(pool.spec)}`);
      assert(pool.name === method.name, () => `the pool's name is ${pool.name}`);
      assert(method.levels[0] === pool.level, () => `level is ${pool.level}, published is ${method.levels[0]}`);
      assert(["losses", "norms", "gram", "gradients"].includes(pool.needs), () => `needs is ${pool.needs}`);
      assert(granularities.includes(pool.granularity), () => `granularity is ${pool.granularity}`);
      const json = JSON.stringify(pool.options);
      for (const [name, option] of Object.entries(method.options)) {
        const value = (JSON.parse(json) as Record<string, unknown>)[name];
        assert(
          JSON.stringify(value) === JSON.stringify(option.default),
          () => `option ${name} is ${JSON.stringify(value)}, its default ${JSON.stringify(option.default)}`,
        );
      }
      const extra = Object.keys(pool.options).filter((name) => method.options[name] === undefined);
      assert(extra.length === 0, () => `resolved options that the schema lacks: ${extra.join()}`);
    }),
    check("structure", "refuses an unknown option, naming those it has", () => {
      const message = refusal(() => create({ "no-such-option": 1 }), "unknown-option");
      for (const name of ["no-such-option", ...Object.keys(method.options)]) {
        assert(message.includes(name), () => `"${message}" does not name ${name}`);
      }
    }),
    ...Object.entries(method.options).flatMap(([name, option]) => optionCases(method, name, option)),
  ];
}

function optionCases(method: Method, name: string, option: OptionSpec): ConformanceCase[] {
  const create = creator(method);
  const { mixedScenario } = mixedFor(method);
  const most = tasksFor(method);
  return [
    check("structure", `refuses a bad ${name}, naming the option, its range and the value`, () => {
      for (const value of badValues(option)) {
        const message = refusal(() => create({ [name]: value }), "invalid-option");
        const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
        for (const part of [name, shown, describeRange(option)]) {
          assert(message.includes(part), () => `"${message}" does not say ${part}`);
        }
      }
    }),
    check("structure", `pools with every value of ${name} that can be listed`, () => {
      for (const value of goodValues(option)) {
        const pool = create({ [name]: value });
        const given = pool.options[name];
        assert(
          JSON.stringify(given) === JSON.stringify(value),
          () => `${name} is ${String(given)}, given ${String(value)}`,
        );
        assertFinite(play(pool, mixedScenario(most, 3)).combined, `${name} = ${String(value)}`);
      }
    }),
  ];
}

function refusal(make: () => unknown, code: string): string {
  try {
    make();
  } catch (error) {
    if (!isGradpoolError(error)) return fail(`not a GradpoolError: ${String(error)}`);
    assert(error.code === code, () => `code is ${error.code}, not ${code}`);
    return error.message;
  }
  return fail("nothing was thrown");
}

function badValues(option: OptionSpec): unknown[] {
  switch (option.type) {
    case "boolean":
      return ["yes", 1, null];
    case "enum":
      return ["no-such-value", true];
    case "vector":
      return [
        "x",
        [],
        ["x"],
        ...outside(option).map((value) => Array.from({ length: option.length ?? 1 }, () => value)),
      ];
    case "number":
      return ["1", true, NaN, Infinity, ...outside(option), ...(option.integer === true ? [option.default + 0.5] : [])];
  }
}

function outside({
  min,
  max,
  exclusiveMin,
  exclusiveMax,
}: Extract<OptionSpec, { type: "number" | "vector" }>): number[] {
  return [
    ...(min === undefined ? [] : [min - 1, ...(exclusiveMin === true ? [min] : [])]),
    ...(max === undefined ? [] : [max + 1, ...(exclusiveMax === true ? [max] : [])]),
  ];
}

function goodValues(option: OptionSpec): unknown[] {
  switch (option.type) {
    case "boolean":
      return [true, false];
    case "enum":
      return [...option.values];
    case "vector":
      return [option.default];
    case "number":
      return [
        option.default,
        ...(option.min === undefined || option.exclusiveMin === true ? [] : [option.min]),
        ...(option.max === undefined || option.exclusiveMax === true ? [] : [option.max]),
      ];
  }
}
