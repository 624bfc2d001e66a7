import { stripVTControlCharacters } from "node:util";
import { defineCommand as describe, renderUsage } from "citty";
import type { Command, CommandEntry } from "./command.js";
import { commonArgs } from "./flags.js";
import { speechOf } from "./speech.js";

/** `gradpool --help`. */
export function overview(entries: Readonly<Record<string, CommandEntry>>, version: string): string {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return [
    `gradpool ${version}: gradient pools for multi-task recommenders`,
    "",
    "USAGE gradpool COMMAND [OPTIONS]",
    "",
    "COMMANDS",
    ...Object.entries(entries).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "gradpool COMMAND --help shows a command's options, with examples.",
  ].join("\n");
}

/** `gradpool NAME --help`: what citty knows of the arguments, then details and examples. */
export async function commandHelp(command: Command, colors: boolean): Promise<string> {
  const usage = await renderUsage(
    describe({
      meta: { name: `gradpool ${command.name}`, description: command.summary },
      args: { ...command.args, ...commonArgs },
    }),
  );
  const examples = command.examples.map((line) => `  ${line}`);
  const text = [
    usage.trimEnd(),
    ...(command.details === undefined ? [] : ["", command.details.trimEnd()]),
    "",
    "EXAMPLES",
    "",
    ...examples,
  ].join("\n");
  const spoken = speechOf(command).text(text);
  return colors ? spoken : stripVTControlCharacters(spoken);
}
