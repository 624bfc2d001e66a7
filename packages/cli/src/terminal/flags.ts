import type { ArgDef, ArgsDef } from "citty";
import type { Command } from "./command.js";
import { usageError } from "./errors.js";
import { didYouMean } from "@gradpool/registry";

/** Flags that every command has. */
export const commonArgs: ArgsDef = {
  json: { type: "boolean", description: "print one JSON document on stdout, everything else on stderr" },
  debug: { type: "boolean", description: "print the stack of an error" },
  help: { type: "boolean", alias: "h", description: "print this help" },
};

const aliases = (arg: ArgDef): readonly string[] =>
  "alias" in arg && arg.alias !== undefined ? [arg.alias].flat() : [];

/** What citty lets pass and users should hear about: unknown flags, missing values, repetitions, stray arguments. */
export function checkFlags(command: Command, rawArgs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const where = `gradpool ${command.name}`;
  const flags = Object.entries<ArgDef>({ ...command.args, ...commonArgs }).filter(
    ([, arg]) => arg.type !== "positional",
  );
  const byName = new Map(
    flags.flatMap(([name, arg]) => [name, ...aliases(arg)].map((known) => [known, { name, arg }])),
  );
  const values = new Map<string, string[]>();
  let positionals = 0;
  for (let k = 0; k < rawArgs.length; k++) {
    const raw = rawArgs[k] as string;
    if (raw === "--") {
      positionals += rawArgs.length - k - 1;
      break;
    }
    if (!raw.startsWith("-") || raw === "-") {
      positionals++;
      continue;
    }
    const [written, inline] = split(raw);
    const name = written.replace(/^--?/, "");
    const flag = byName.get(name) ?? negated(name, byName);
    if (flag === undefined) {
      const known = flags.map(([flagName]) => flagName);
      throw usageError(`unknown flag ${written}`, where, suggestFlag(name, known, command.name));
    }
    if (flag.arg.type === "boolean") continue;
    const value = inline ?? rawArgs[++k];
    if (value === undefined || value === "" || (inline === undefined && value.startsWith("--"))) {
      throw usageError(`${written} has no value`, where, `give one: ${written} ${hint(flag.name, flag.arg)}`);
    }
    const held = values.get(flag.name) ?? [];
    if (held.length > 0 && command.repeatable?.includes(flag.name) !== true) {
      throw usageError(`${written} is given twice`, where, "give it once");
    }
    values.set(flag.name, [...held, value]);
    if (flag.arg.type === "enum" && flag.arg.options?.includes(value) === false) {
      const words = flag.arg.options;
      throw usageError(`${written} is ${value}`, where, `${didYouMean(value, words, "give")} ${words.join(" | ")}`);
    }
  }
  checkPositionals(command, positionals, where);
  for (const [name, arg] of flags) {
    if (arg.required === true && !values.has(name)) {
      throw usageError(`--${name} is missing`, where, `add --${name} ${hint(name, arg)}`);
    }
  }
  return values;
}

const hint = (name: string, arg: ArgDef): string => arg.valueHint ?? name.toUpperCase();

function split(raw: string): [string, string | undefined] {
  const at = raw.indexOf("=");
  return at < 0 ? [raw, undefined] : [raw.slice(0, at), raw.slice(at + 1)];
}

function negated<T extends { readonly arg: ArgDef }>(name: string, byName: ReadonlyMap<string, T>): T | undefined {
  const flag = name.startsWith("no-") ? byName.get(name.slice(3)) : undefined;
  return flag?.arg.type === "boolean" ? flag : undefined;
}

function suggestFlag(name: string, known: readonly string[], command: string): string {
  const all = known.map((flag) => `--${flag}`);
  return didYouMean(`--${name}`, all, `see gradpool ${command} --help`);
}

function checkPositionals(command: Command, count: number, where: string): void {
  const named = Object.entries(command.args).filter(([, arg]) => arg.type === "positional");
  const missing = named.slice(count).find(([, arg]) => arg.required !== false && arg.default === undefined);
  if (missing !== undefined) {
    throw usageError(`${missing[0].toUpperCase()} is missing`, where, `see ${where} --help`);
  }
  if (count > named.length && command.variadic !== true) {
    throw usageError(
      `${count} arguments`,
      where,
      named.length === 0 ? "give flags only" : `give at most ${named.length}`,
    );
  }
}
