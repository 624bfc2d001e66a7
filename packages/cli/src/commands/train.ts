import { given } from "@gradpool/core";
import { describeUndefined } from "@gradpool/metrics";
import { followRun, monitorOf, readConfig, type RunFile, train, type TrainConfig } from "@gradpool/runs";
import { freeThreads } from "@gradpool/trainer";
import pc from "picocolors";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { exitInterrupted, exitSuccess, usageError } from "../terminal/errors.js";
import { interruptible } from "../terminal/interrupt.js";
import { readNumber } from "../terminal/values.js";
import { table } from "../terminal/table.js";
import { followed, followingProgress } from "../show/following.js";
import { trainingProgress } from "../show/training.js";
import { allowArg, allowedBy } from "../flags/allow.js";
import { requireClear } from "../flags/data.js";
import { followArgs, followOf } from "../flags/follow.js";
import { configOf, modelLines, trainArgs } from "../flags/training.js";

export const trainCommand: Command = defineCommand({
  name: "train",
  summary: "train a model with a pool on a prepared set",
  details:
    "RUN of --out holds config.json, metrics.jsonl, diagnostics.jsonl, checkpoint/ (newest and best), result.json, card.json and card.md, and data.gradpool, what using the model needs of the data.\n" +
    `MODELS\n${modelLines.join("\n")}`,
  examples: [
    "gradpool train --data sets/taobao --pool metabalance --out runs/metabalance",
    "gradpool train --data sets/lastfm --tasks listen,social --pool 'pmtrec(tau=1e-4)' --lr 0.005 --out runs/pmtrec",
    "gradpool train --data sets/feed --model click --pool multibalance --metrics auc,gauc --out runs/feed",
    "gradpool train --resume runs/feed",
    "gradpool train --follow logs/clicks --model click --follow-idle 3600 --out runs/online",
    "gradpool train --config runs/feed/config.json --seed 2 --out runs/feed-2",
  ],
  args: {
    run: { type: "positional", required: false, valueHint: "RUN", description: "with --resume: the run to go on with" },
    out: { type: "string", valueHint: "RUN", description: "folder of the run" },
    resume: { type: "boolean", description: "go on from the newest checkpoint; the run's folder says the rest" },
    config: { type: "string", valueHint: "FILE", description: "a run's config.json; flags go over it" },
    tensorboard: {
      type: "string",
      valueHint: "DIR",
      description: "event files for TensorBoard, written while it trains",
    },
    "checkpoint-every": {
      type: "string",
      valueHint: "STEPS",
      description: "save a checkpoint every so many steps, beside those after epochs",
    },
    threads: {
      type: "string",
      valueHint: "N",
      description: "threads that share a step: the same results with any number (default: cores that are free)",
    },
    ...followArgs,
    allow: allowArg,
    ...trainArgs,
  },
  repeatable: ["allow"],
  saves: true,
  async run({ args, all, terminal }) {
    const resume = args.resume === true;
    const out = folderOf(args.run, args.out, resume);
    const flags = configOf(args);
    const follow = followOf(args);
    const config = args.config === undefined ? flags : { ...readConfig(args.config), ...flags };
    if (!resume && follow === undefined) requireData(config);
    requireClear(config);
    const { signal, release } = interruptible(terminal);
    const progress = follow === undefined ? trainingProgress(terminal) : followingProgress(terminal);
    try {
      const asked = {
        config,
        out,
        resume,
        allow: allowedBy(all("allow"), flags.pool === undefined ? [] : [flags.pool], flags.model),
        threads: args.threads === undefined ? freeThreads() : readNumber(args.threads, "threads", wholeThreads),
        ...given({ tensorboard: args.tensorboard, checkpointEvery: stepsOf(args["checkpoint-every"]) }),
        signal,
        onNote: terminal.note,
        onEvent: progress.event,
      };
      const file = await (follow === undefined ? train(asked) : followRun({ ...asked, ...follow }));
      progress.stop();
      terminal.result(file, (done) => (follow === undefined ? report(done, out) : followed(done, out, follow.follow)));
      return file.result.stopped === "interrupted" ? exitInterrupted : exitSuccess;
    } finally {
      progress.stop();
      release();
    }
  },
});

const where = "gradpool train";
const stepsOf = (written: string | undefined): number | undefined =>
  written === undefined ? undefined : readNumber(written, "checkpoint-every", { integer: true, min: 1 });
const wholeThreads = { integer: true, min: 1, max: 64 };

/** The run's folder: that of --out, or the one after --resume. */
function folderOf(run: string | undefined, out: string | undefined, resume: boolean): string {
  if (run !== undefined && !resume) throw usageError(`${run} is no flag`, where, `name the folder with --out ${run}`);
  if (run !== undefined && out !== undefined && run !== out)
    throw usageError(`--resume ${run} and --out ${out}`, where, "a resumed run stays in its folder: give one of them");
  const folder = run ?? out;
  if (folder !== undefined) return folder;
  throw usageError(resume ? "--resume names no run" : "--out is missing", where, resume ? "add RUN" : "add --out RUN");
}

/** Nothing is trained on data that nobody named. */
function requireData({ data }: Partial<TrainConfig>): void {
  if (data === undefined) throw usageError("--data is missing", where, "add --data DIR, or --data shop");
}

function report({ config, result, cost }: RunFile, out: string): string {
  if (result.stopped === "interrupted") return `interrupted; go on with: gradpool train --resume ${out}`;
  const rows = Object.keys(result.test ?? {}).map((metric) => [
    metric,
    ...(result.best === null ? [] : [shown(result.best[metric])]),
    shown(result.test?.[metric]),
  ]);
  return [
    table(["metric", ...(result.best === null ? [] : [`valid, epoch ${result.bestEpoch}`]), "test"], rows),
    `${amount(result.steps, "step")}, ${Math.round(cost.samplesPerSecond).toLocaleString("en-US")} samples/s, ${cost.trainingSeconds.toFixed(1)} s in training, peak ${Math.round(cost.peakRssMb)} MB`,
    ...noBest(config, result).map((line) => pc.yellow(line)),
    ...(result.undefined ?? []).map((missing) => pc.yellow(describeUndefined(missing))),
    ...(result.skipped > 0 ? [pc.yellow(`${result.skipped} steps skipped: a loss or gradient was not finite`)] : []),
  ].join("\n");
}

const shown = (value: number | null | undefined): string =>
  value === undefined ? "-" : value === null ? "undefined" : value.toFixed(4);

/** Without a value of the watched metric no epoch is best, and early stopping has nothing to go by. */
function noBest(config: TrainConfig, { bestEpoch, history, stopped }: RunFile["result"]): string[] {
  if (bestEpoch !== null || history.length === 0) return [];
  const { text } = monitorOf(config);
  const early = stopped === "patience" ? `; training stopped after ${config.patience} evaluations without one` : "";
  return [`${text} never had a value on valid, so no epoch is best: tested are the last weights${early}`];
}
