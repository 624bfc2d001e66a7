import { given } from "@gradpool/core";
import { comparedRuns, judgeRun, type JudgedRun, openRun, type PairedComparison } from "@gradpool/runs";
import { columnsArg, idColumns, notesOn, openAs, openedArgs } from "../flags/opened.js";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { table } from "../terminal/table.js";
import { readNumber } from "../terminal/values.js";

export const evaluateCommand: Command = defineCommand({
  name: "evaluate",
  summary: "judge trained runs by other metrics, for other users, tasks or data",
  details:
    "RUN…: folders of runs. Several are put side by side, and compared user by user with the first: paired t-test, p-values by Holm\n" +
    "(of labelled rows by what each user's rows add to a metric). What the test part says is kept on the run's card.\n" +
    "FILE: for models that rank a table of pairs (user, item); for others a table of rows with a label, 0 or 1, by each task's name.",
  examples: [
    "gradpool evaluate runs/shop --metrics ndcg@50,recall@50",
    "gradpool evaluate runs/ew runs/metabalance --metrics ndcg@20 --json",
    "gradpool evaluate runs/shop --file next-week.csv --columns user=customer,item=product",
  ],
  args: {
    run: { type: "positional", required: true, description: "folders of runs" },
    metrics: { type: "string", valueHint: "A,B", description: "names of metrics (default: the run's)" },
    task: {
      type: "string",
      valueHint: "T|all",
      description: "what is judged (default: the target; of labelled rows all)",
    },
    part: { type: "enum", options: ["valid", "test"], description: "of the data (default test)" },
    file: { type: "string", valueHint: "FILE", description: "other pairs or rows than the data's" },
    users: { type: "string", valueHint: "N|all", description: "so many users, drawn by the run's seed (default all)" },
    columns: columnsArg,
    backend: { type: "string", valueHint: "NAME", description: "another tfjs backend than the run's" },
    "new-users": openedArgs["new-users"],
    "new-items": openedArgs["new-items"],
    probabilities: openedArgs.probabilities,
  },
  variadic: true,
  async run({ args, positionals, terminal }) {
    const users =
      args.users === undefined || args.users === "all"
        ? undefined
        : readNumber(args.users, "users", { integer: true, min: 1 });
    const metrics = args.metrics?.split(",").map((name) => name.trim());
    const judged: JudgedRun[] = [];
    for (const folder of positionals) {
      const run = await openRun(folder, await openAs(args));
      for (const line of notesOn(run)) terminal.note(line);
      try {
        const tasks =
          args.task === undefined ? undefined : args.task === "all" ? ("all" as const) : args.task.split(",");
        const asked = given({ metrics, tasks, part: args.part, file: args.file, users });
        judged.push(await judgeRun(run, folder, asked, idColumns(args.columns)));
      } finally {
        run.dispose();
      }
    }
    for (const { run, evaluation } of judged) {
      if (evaluation.unknown > 0)
        terminal.note(`${run}: users or items that it does not know are in ${amount(evaluation.unknown, "row")}`);
    }
    const tests = judged.length > 1 ? comparedRuns(judged) : undefined;
    terminal.result({ runs: judged.map(documentOf), ...given({ tests }) }, () => shown(judged, tests));
  },
});

function documentOf({ run, evaluation }: JudgedRun) {
  const values = Object.entries(evaluation.tasks).map(([task, judged]) => [task, judged.values] as const);
  const counts = Object.values(evaluation.tasks).map(({ users }) => users?.length ?? 0);
  return { run, tasks: Object.fromEntries(values), users: Math.max(0, ...counts), unknown: evaluation.unknown };
}

/** A step of a funnel says what it is. */
function named(task: string): string {
  const [step, before] = task.split("|");
  return before === undefined ? task : `${task}: ${step} of the rows that took ${before}`;
}

function shown(judged: readonly JudgedRun[], tests: readonly PairedComparison[] | undefined): string {
  const tasks = [...new Set(judged.flatMap(({ evaluation }) => Object.keys(evaluation.tasks)))];
  const blocks = tasks.map((task) => {
    const names = [...new Set(judged.flatMap(({ evaluation }) => Object.keys(evaluation.tasks[task]?.values ?? {})))];
    const rows = names.map((name) => [
      name,
      ...judged.map(({ evaluation }) => evaluation.tasks[task]?.values[name]?.toFixed(4) ?? "-"),
    ]);
    const users = judged[0]?.evaluation.tasks[task]?.users?.length;
    return `${named(task)}${users === undefined ? "" : `, ${amount(users, "user")}`}\n${table(["metric", ...judged.map(({ run }) => run)], rows)}`;
  });
  const compared = (tests ?? []).map(({ task, metric, run, baseline, difference, lower, upper, p }) => [
    task,
    metric,
    `${run} − ${baseline}`,
    difference.toFixed(5),
    // One user alone says nothing of others.
    Number.isNaN(p) ? "-" : `${lower.toFixed(5)} … ${upper.toFixed(5)}`,
    Number.isNaN(p) ? "-" : p < 1e-4 ? "<0.0001" : p.toFixed(4),
  ]);
  const head = ["task", "metric", "runs", "difference", "95 %", "p (Holm)"];
  return [...blocks, ...(compared.length > 0 ? [table(head, compared)] : [])].join("\n\n");
}
