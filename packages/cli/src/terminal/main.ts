import { type ArgsDef, parseArgs } from "citty";
import type { Command, CommandEntry, Invocation } from "./command.js";
import { errorText, exitCodeOf, exitSuccess, usageError } from "./errors.js";
import { checkFlags, commonArgs } from "./flags.js";
import { stoppable } from "./interrupt.js";
import { commandHelp, overview } from "./help.js";
import { didYouMean } from "@gradpool/registry";
import { type Speech, speechOf } from "./speech.js";
import { createTerminal, type Streams, type Terminal } from "./terminal.js";

/** Runs the command that `argv` names; answers with the exit code. Only the code of that command is loaded. */
export async function main(
  argv: readonly string[],
  entries: Readonly<Record<string, CommandEntry>>,
  version: string,
  streams: Streams,
): Promise<number> {
  const end = argv.indexOf("--");
  const flags = new Set(end < 0 ? argv : argv.slice(0, end));
  const terminal = createTerminal(streams, { json: flags.has("--json"), debug: flags.has("--debug") });
  const help = flags.has("--help") || flags.has("-h");
  let speech: Speech | undefined;
  try {
    const [name, ...rest] = argv;
    if (name === "--version" || name === "-v") {
      terminal.write(version);
      return exitSuccess;
    }
    if (name === undefined || name === "help" || (name.startsWith("-") && help)) {
      terminal.write(overview(entries, version));
      return exitSuccess;
    }
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (entry === undefined) {
      const what = name.startsWith("-") ? `unknown flag ${name}` : `unknown command ${name}`;
      const known = Object.keys(entries);
      throw usageError(what, "gradpool", didYouMean(name, known, `the commands are ${known.join(", ")}`));
    }
    const command = await entry.load();
    if (help) {
      terminal.write(await commandHelp(command, streams.stdout.isTTY === true));
      return exitSuccess;
    }
    speech = speechOf(command);
    const invocation = { ...readArgs(command, rest), terminal: speaking(terminal, speech) };
    const run = (): Promise<number | void> => command.run(invocation);
    return (await (command.saves === true ? run() : stoppable(terminal, run))) ?? exitSuccess;
  } catch (error) {
    terminal.note(errorText(speech?.error(error) ?? error, terminal.debug));
    return exitCodeOf(error);
  }
}

/** A terminal whose lines name flags where libraries name options. */
const speaking = (terminal: Terminal, speech: Speech): Terminal => ({
  ...terminal,
  note: (line) => terminal.note(speech.text(line)),
  error: (error) => terminal.error(speech.error(error)),
});

function readArgs(command: Command, rawArgs: readonly string[]): Omit<Invocation, "terminal"> {
  const values = checkFlags(command, rawArgs);
  const definitions: ArgsDef = { ...command.args, ...commonArgs };
  const parsed = parseArgs([...rawArgs], definitions);
  const args = Object.fromEntries(Object.keys(definitions).map((name) => [name, parsed[name]]));
  return { args, positionals: parsed._, all: (flag) => values.get(flag) ?? [] };
}
