import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { bench, loadRecipe, recipeNames } from "@gradpool/bench";
import { given } from "@gradpool/core";
import { splitPools } from "@gradpool/registry";
import { writeReport } from "@gradpool/report";
import pc from "picocolors";
import { overviewTable } from "../show/comparison.js";
import { trialsProgress } from "../show/trials.js";
import { gridOfFlags } from "../flags/grid.js";
import { loadQueue, queueArg } from "../flags/queue.js";
import { searchOf } from "../flags/search.js";
import { interruptible } from "../terminal/interrupt.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { usageError } from "../terminal/errors.js";
import { readNumber } from "../terminal/values.js";
import { allowArg, allowedBy } from "../flags/allow.js";
import { requireClear } from "../flags/data.js";
import { configOf, recipeArgs } from "../flags/training.js";

const demo = loadRecipe("demo");

export const benchCommand: Command = defineCommand({
  name: "bench",
  summary: "compare pools over seeds and grids, ending in a report",
  details:
    "With --out alone: all seven methods, the target by itself and two references on the embedded data set. Each trial is a\n" +
    "process; a finished one is never run again, an interrupted one goes on. Grids are searched on validation, the same budget for all; a grid's name is a flag's\n" +
    "(lr, weight-decay, eval-every, …) or stands in a pool as {name}.\n" +
    `Recipes: ${recipeNames().join(", ")}.`,
  examples: [
    "gradpool bench --out runs/demo",
    "gradpool bench --recipe thesis --data sets/taobao --out runs/thesis --jobs 2",
    "gradpool bench --data sets/mine --pools ew,pcgrad,./my-pool.js --seeds 5 --grid lr=0.01,0.001 --out runs/mine",
    "gradpool bench --data sets/mine --pools 'ew,metabalance(relax={relax})' --grid relax=0.3,0.7 --out runs/relax",
    "gradpool bench --data sets/mine --pools ew,pcgrad --seeds 10 --queue redis://10.0.0.5 --out runs/many",
    "gradpool bench --data sets/mine --pools ew,metabalance --search 'lr=log(1e-4,1e-1)' --search pool.relax=0..1 --strategy halving --trials 27 --out runs/search",
  ],
  args: {
    recipe: {
      type: "string",
      valueHint: "NAME",
      description: "a comparison from a paper, or a file of your own (default demo)",
    },
    budget: { type: "string", valueHint: "NAME", description: "a shorter schedule of the recipe, such as small" },
    pools: { type: "string", valueHint: "SPEC,SPEC", description: "pools to compare, in place of the recipe's" },
    seeds: { type: "string", valueHint: "N", description: "seeds 1 to N (default: the recipe's; demo: 3)" },
    "tuning-seeds": {
      type: "string",
      valueHint: "N",
      description: "seeds 1 to N, of those, choose among points by their mean (default: the recipe's, mostly 1)",
    },
    grid: {
      type: "string",
      valueHint: "NAME=A,B",
      description: "values to choose from on validation; may be repeated",
    },
    search: {
      type: "string",
      valueHint: "NAME=RANGE",
      description: "lr=log(1e-4,1e-1), dim=16,32,64, pool.relax=0..1: searched on validation; may be repeated",
    },
    strategy: {
      type: "enum",
      options: ["grid", "random", "halving"],
      description:
        "how points are taken: every combination, evenly spread, or those that start best go on (default: grid of lists, random of ranges)",
    },
    trials: { type: "string", valueHint: "N", description: "points of each pool, the same for all (default 20)" },
    "search-seed": { type: "string", valueHint: "N", description: "of the points (default 1)" },
    jobs: { type: "string", valueHint: "N", description: "trials at a time (default: one per processor)" },
    queue: queueArg,
    tensorboard: {
      type: "string",
      valueHint: "DIR",
      description: "event files for TensorBoard, a folder a trial, written while they train",
    },
    out: { type: "string", required: true, valueHint: "DIR", description: "folder of the results" },
    allow: allowArg,
    ...recipeArgs(demo.base),
  },
  repeatable: ["grid", "search", "allow"],
  saves: true,
  async run({ args, all, terminal }) {
    const grid = gridOfFlags(all("grid"));
    if (args.queue !== undefined && args.jobs !== undefined)
      throw usageError("--jobs with --queue", "gradpool bench", "give --jobs to each gradpool worker");
    if (args.queue !== undefined && args.tensorboard !== undefined) {
      const remedy = "leave one out: event files stay where a trial runs";
      throw usageError("--tensorboard with --queue", "gradpool bench", remedy);
    }
    const jobs =
      args.jobs === undefined ? availableParallelism() : readNumber(args.jobs, "jobs", { min: 1, integer: true });
    const config = configOf(args);
    requireClear(config);
    const pools = args.pools === undefined ? undefined : splitPools(args.pools);
    const live = trialsProgress(terminal);
    const { signal, release } = interruptible(terminal);
    const { queue: url, out } = args;
    const runner =
      url === undefined ? undefined : await (await loadQueue()).openQueue({ url, out, onNote: terminal.note });
    try {
      const result = await bench({
        recipe: loadRecipe(args.recipe ?? "demo", args.budget),
        config,
        allow: allowedBy(all("allow"), [...(pools ?? []), ...Object.values(grid).flat()], config.model),
        ...given({
          pools,
          seeds: args.seeds === undefined ? undefined : readNumber(args.seeds, "seeds", { min: 1, integer: true }),
          tuningSeeds:
            args["tuning-seeds"] === undefined
              ? undefined
              : readNumber(args["tuning-seeds"], "tuning-seeds", { min: 1, integer: true }),
          grid: Object.keys(grid).length === 0 ? undefined : grid,
          search: searchOf(all("search"), args),
        }),
        out,
        jobs,
        ...given({ runner, tensorboard: args.tensorboard }),
        onEvent: live.event,
        onNote: terminal.note,
        signal,
      });
      live.stop();
      const report = join(out, "report.html");
      await writeReport(result, report);
      const { summary, records } = result;
      terminal.result({ ...summary, report }, () =>
        [overviewTable(summary, records), "", `${pc.bold("report")}  ${shortest(report)}`].join("\n"),
      );
      return summary.failures.length > 0 ? 1 : 0;
    } finally {
      live.stop();
      release();
      await runner?.close();
    }
  },
});

/** A path as people would type it from here. */
function shortest(path: string): string {
  const from = relative(process.cwd(), path);
  return from.startsWith("..") ? path : from;
}
