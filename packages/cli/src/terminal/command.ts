import type { ArgsDef } from "citty";
import type { Terminal } from "./terminal.js";

type Given<D, V> = D extends { readonly default: V } | { readonly required: true } ? V : V | undefined;

type Value<D> = D extends { readonly type: "boolean" }
  ? Given<D, boolean>
  : D extends { readonly type: "enum"; readonly options: readonly (infer Word extends string)[] }
    ? D extends { readonly default: string } | { readonly required: true }
      ? Word
      : Word | undefined
    : D extends { readonly type: "positional"; readonly required?: true | undefined }
      ? string
      : Given<D, string>;

/** What a command gets: its flags and positional arguments, typed by its `args`. */
export interface Invocation<A extends ArgsDef = ArgsDef> {
  readonly args: { readonly [K in keyof A]: Value<A[K]> };
  /** All positional arguments, for commands with `variadic`. */
  readonly positionals: readonly string[];
  /** Every value of a flag listed in `repeatable`, in the order given. */
  all(flag: string): readonly string[];
  readonly terminal: Terminal;
}

export interface CommandDefinition<A extends ArgsDef> {
  readonly name: string;
  /** One line for `gradpool --help`. */
  readonly summary: string;
  /** More to say in `gradpool NAME --help`, below the flags. */
  readonly details?: string;
  /** Shown in `--help`, one command line each. */
  readonly examples: readonly string[];
  /** citty's argument definitions; `json`, `debug` and `help` are there for every command. */
  readonly args: A;
  /** More positional arguments than `args` names may follow. */
  readonly variadic?: boolean;
  /** String flags that may be given more than once. */
  readonly repeatable?: readonly string[];
  /** It hears of Ctrl-C by itself (`interruptible`), to save what can be saved; others are ended by it. */
  readonly saves?: boolean;
  /** Throws a `GradpoolError`, or answers with an exit code (default 0). */
  run(invocation: Invocation<A>): Promise<number | void>;
}

/** A command whose argument types are its own business. */
export type Command = CommandDefinition<ArgsDef>;

/** A command, with the types of its arguments inferred from `args`. */
export function defineCommand<const A extends ArgsDef>(definition: CommandDefinition<A>): Command {
  return definition as unknown as Command;
}

/** A line of the command list: what `gradpool --help` says, and where the code is. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}
