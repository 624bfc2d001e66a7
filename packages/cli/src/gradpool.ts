/**
 * The command `gradpool`. To add a subcommand:
 *
 * 1. write src/commands/NAME.ts exporting `NAMECommand: Command = defineCommand({ name, summary, examples, args, run })`
 *    (src/terminal/command.ts; src/commands/methods.ts is a short example);
 * 2. add a line to `entries` below, with the same summary. The code is loaded when the command is run, so keep heavy
 *    imports inside src/commands/NAME.ts and what it imports, never here.
 *
 * `run` gets typed `args`, and `terminal` to write to: `terminal.result(document, human)` prints the one JSON document
 * with `--json` and `human(document)` otherwise; `terminal.note(line)` is for stderr; `terminal.progress({ label, total,
 * unit })` draws a bar or plain lines. Throw a GradpoolError (`usageError` for exit code 2, any other code for 1); for a
 * run that failed in part, print the result and return 1. Unknown flags, missing values, `--help`, `--json` and `--debug`
 * are dealt with before `run`.
 */
import { ownVersion } from "./manifest.js";
import type { CommandEntry } from "./terminal/command.js";
import { main } from "./terminal/main.js";
import type { Streams } from "./terminal/terminal.js";

const entries: Readonly<Record<string, CommandEntry>> = {
  methods: {
    summary: "list the methods that can be found, with their options",
    load: async () => (await import("./commands/methods.js")).methodsCommand,
  },
  models: {
    summary: "list the models that can be trained, with their options",
    load: async () => (await import("./commands/models.js")).modelsCommand,
  },
  pool: {
    summary: "pool task gradients given as JSON",
    load: async () => (await import("./commands/pool.js")).poolCommand,
  },
  inspect: {
    summary: "guess a table's schema by its first rows, for you to correct",
    load: async () => (await import("./commands/inspect.js")).inspectCommand,
  },
  prepare: {
    summary: "make a prepared set from the files you have",
    load: async () => (await import("./commands/prepare.js")).prepareCommand,
  },
  train: {
    summary: "train a model with a pool on a prepared set",
    load: async () => (await import("./commands/train.js")).trainCommand,
  },
  evaluate: {
    summary: "judge trained runs by other metrics, for other users, tasks or data",
    load: async () => (await import("./commands/evaluate.js")).evaluateCommand,
  },
  recommend: {
    summary: "write the best items of users, by a trained model",
    load: async () => (await import("./commands/recommend.js")).recommendCommand,
  },
  predict: {
    summary: "write every task's probability for rows of a table, by a trained model",
    load: async () => (await import("./commands/predict.js")).predictCommand,
  },
  similar: {
    summary: "write the items most like some items, by a trained model's embeddings",
    load: async () => (await import("./commands/similar.js")).similarCommand,
  },
  export: {
    summary: "write a trained model for other programs, with its ids and its card",
    load: async () => (await import("./commands/export.js")).exportCommand,
  },
  bench: {
    summary: "compare pools over seeds and grids, ending in a report",
    load: async () => (await import("./commands/bench.js")).benchCommand,
  },
  worker: {
    summary: "run trials of a bench elsewhere, from a queue",
    load: async () => (await import("./commands/worker.js")).workerCommand,
  },
  report: {
    summary: "rebuild the report of a bench from its results",
    load: async () => (await import("./commands/report.js")).reportCommand,
  },
};

/** Runs the command line `argv` (without the program's name) and answers with its exit code. */
export function gradpool(argv: readonly string[], streams: Streams = process): Promise<number> {
  return main(argv, entries, ownVersion(), streams);
}
