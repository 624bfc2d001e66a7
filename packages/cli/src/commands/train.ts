import { describeUndefined } from "@gradpool/metrics";
import { completeConfig, readConfig, type RunFile, train, type TrainConfig } from "@gradpool/runs";
import pc from "picocolors";
import { type Command, defineCommand } from "../terminal/command.js";
import { usageError } from "../terminal/errors.js";
import { interruptible } from "../terminal/interrupt.js";
import { table } from "../terminal/table.js";
import { trainingProgress } from "../show/training.js";
import { configOf, modelLines, trainArgs } from "../flags/training.js";

export const trainCommand: Command = defineCommand({
  name: "train",
  summary: "train a model with a pool on a prepared set",
  details:
    "DIR of --out holds config.json, metrics.jsonl, diagnostics.jsonl, checkpoint/ (newest and best), result.json, and data.gradpool, what using the model needs of the data.\n" +
    `MODELS\n${modelLines.join("\n")}`,
  examples: [
    "gradpool train --data sets/taobao --pool metabalance --out runs/metabalance",
    "gradpool train --data sets/lastfm --tasks listen,social --pool 'pmtrec(tau=1e-4)' --lr 0.005 --out runs/pmtrec",
    "gradpool train --data sets/feed --model click --pool multibalance --metrics auc,gauc --out runs/feed",
    "gradpool train --config runs/feed/config.json --out runs/feed --resume",
  ],
  args: {
    config: { type: "string", valueHint: "FILE", description: "a run's config.json; flags go over it" },
    out: { type: "string", required: true, valueHint: "RUN", description: "folder of the run" },
    resume: { type: "boolean", description: "go on from the newest checkpoint" },
    ...trainArgs,
  },
  async run({ args, terminal }) {
    const config = await completeConfig(asked(args.config, configOf(args)), terminal.note);
    const { signal, release } = interruptible(terminal);
    const progress = trainingProgress(terminal, config);
    try {
      const file = await train({
        config,
        out: args.out,
        resume: args.resume === true,
        signal,
        onNote: terminal.note,
        onEvent: progress.event,
      });
      progress.stop();
      terminal.result(file, report);
      return file.result.stopped === "interrupted" ? 130 : 0;
    } finally {
      progress.stop();
      release();
    }
  },
});

/** Flags over the file; one of them names the data. */
function asked(path: string | undefined, flags: Partial<TrainConfig>): Partial<TrainConfig> {
  if (path !== undefined) return { ...readConfig(path), ...flags };
  if (flags.data !== undefined) return flags;
  throw usageError("--data is missing", "gradpool train", "add --data DIR, or --data shop");
}

function report({ config, result, cost }: RunFile): string {
  if (result.stopped === "interrupted") return "interrupted; go on with --resume";
  const rows = Object.keys(result.test ?? {}).map((metric) => [
    metric,
    ...(result.best === null ? [] : [shown(result.best[metric])]),
    shown(result.test?.[metric]),
  ]);
  return [
    table(["metric", ...(result.best === null ? [] : [`valid, epoch ${result.bestEpoch}`]), "test"], rows),
    `${result.steps} steps, ${Math.round(cost.samplesPerSecond).toLocaleString("en-US")} samples/s, ${cost.trainingSeconds.toFixed(1)} s in training, peak ${Math.round(cost.peakRssMb)} MB`,
    ...noBest(config, result).map((line) => pc.yellow(line)),
    ...(result.undefined ?? []).map((missing) => pc.yellow(describeUndefined(missing))),
    ...(result.skipped > 0 ? [pc.yellow(`${result.skipped} steps skipped: a loss or gradient was not finite`)] : []),
  ].join("\n");
}

const shown = (value: number | null | undefined): string =>
  value === undefined ? "-" : value === null ? "undefined" : value.toFixed(4);

/** Without a value of the watched metric no epoch is best, and early stopping has nothing to go by. */
function noBest({ metrics, patience }: TrainConfig, { bestEpoch, history, stopped }: RunFile["result"]): string[] {
  if (bestEpoch !== null || history.length === 0) return [];
  const early = stopped === "patience" ? `; training stopped after ${patience} evaluations without one` : "";
  return [`${metrics[0]} never had a value on valid, so no epoch is best: tested are the last weights${early}`];
}
