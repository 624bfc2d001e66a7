import { hostname } from "node:os";
import { exitFailure, exitSuccess } from "../terminal/errors.js";
import { given } from "@gradpool/core";
import pc from "picocolors";
import { loadQueue, queueArg } from "../flags/queue.js";
import { allowArg } from "../flags/allow.js";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { interruptible } from "../terminal/interrupt.js";
import { readNumber } from "../terminal/values.js";

export const workerCommand: Command = defineCommand({
  name: "worker",
  summary: "run trials of a bench elsewhere, from a queue",
  details:
    "Takes the trials of gradpool bench --queue whose data lies here. What is in a queue is data: code runs only where --allow\n" +
    "names it. Checkpoints stay below --runs; workers that share that folder go on with each other's trials. Ctrl-C hands back\n" +
    "what runs. The password may stand in GRADPOOL_QUEUE_PASSWORD instead of the address.",
  examples: [
    "gradpool worker --queue redis://10.0.0.5 --data sets",
    "gradpool worker --queue rediss://trials@redis.example.org --data sets --jobs 8 --runs /shared/gradpool --idle 300",
  ],
  args: {
    queue: { ...queueArg, required: true },
    data: { type: "string", valueHint: "DIR", description: "a prepared set, or a folder of them; may be repeated" },
    jobs: { type: "string", valueHint: "N", description: "trials at a time (default 1)" },
    runs: {
      type: "string",
      valueHint: "DIR",
      description: "folder of the trials and their checkpoints (default runs/worker)",
    },
    allow: {
      ...allowArg,
      description: "a ./file.js or package whose code may run where a trial names it; may be repeated",
    },
    idle: { type: "string", valueHint: "S", description: "end after so many seconds without a trial (default: never)" },
    silence: {
      type: "string",
      valueHint: "S",
      description: "seconds without a sign of this worker after which its trials go on elsewhere (default 30)",
    },
    name: { type: "string", valueHint: "NAME", description: "shown beside its trials (default: the machine's)" },
  },
  repeatable: ["data", "allow"],
  saves: true,
  async run({ args, all, terminal }) {
    const number = (name: "jobs" | "idle" | "silence", min: number): number | undefined =>
      args[name] === undefined ? undefined : readNumber(args[name], name, { min, integer: name === "jobs" });
    const options = given({ jobs: number("jobs", 1), idle: number("idle", 0), silence: number("silence", 1) });
    const { serve, trialName } = await loadQueue();
    const { signal, release } = interruptible(terminal, "handing trials back");
    try {
      const served = await serve({
        url: args.queue,
        data: all("data"),
        runs: args.runs ?? "runs/worker",
        allow: all("allow"),
        name: args.name ?? hostname(),
        ...options,
        signal,
        onNote: terminal.note,
        onEvent({ type, trial, error }) {
          const name = trial === null ? "a trial" : trialName(trial);
          const line = `${name} ${words[type]}${error === undefined ? "" : `: ${error}`}`;
          terminal.note(type === "failed" ? pc.red(line) : line);
        },
      });
      terminal.result(served, ({ done, failed }) => `${amount(done, "trial")} done, ${failed} failed`);
      // The queue's library waits for a Redis that is away as long as there is a process.
      if (!served.signedOff) process.exit(exitFailure);
      return exitSuccess;
    } finally {
      release();
    }
  },
});

const words = {
  start: "begins",
  done: "is done",
  failed: "failed",
  back: "is handed back",
  again: "is tried again",
} as const;
