import { writeTable } from "@gradpool/data";
import { predictedTable } from "@gradpool/runs";
import { checkOut, columnsArg, idColumns, openedArgs, withRun } from "../flags/opened.js";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";

export const predictCommand: Command = defineCommand({
  name: "predict",
  summary: "write every task's probability for rows of a table, by a trained model",
  details:
    "The input's rows in their order, with a column for each task (p_TASK where the input has such a column). A category that the " +
    "data does not have counts as missing; for a new user or item the mean of all stands in. Both are counted.",
  examples: [
    "gradpool predict runs/feed --input tomorrow.parquet --out scored.parquet",
    "gradpool predict runs/feed --input rows.csv --columns user=uid,item=sku --out scored.jsonl",
  ],
  args: {
    ...openedArgs,
    input: {
      type: "string",
      required: true,
      valueHint: "FILE",
      description: "a table: .parquet, .csv, .tsv or .jsonl",
    },
    columns: columnsArg,
    out: { type: "string", required: true, valueHint: "FILE", description: "a table: .parquet, .csv or .jsonl" },
  },
  async run({ args, terminal }) {
    checkOut(args.out);
    await withRun(args, terminal, async (run) => {
      const unknown: Record<string, number> = {};
      const progress = terminal.progress({ label: "predict", unit: "rows" });
      let done = 0;
      try {
        const { columns, rows } = await predictedTable(run, args.input, idColumns(args.columns), (names) => {
          for (const name of names) unknown[name] = (unknown[name] ?? 0) + 1;
          progress.update(++done);
        });
        const count = await writeTable(args.out, columns, rows);
        terminal.result({ out: args.out, rows: count, tasks: run.tasks, unknown }, () =>
          [
            `${amount(count, "row")}, ${run.tasks.join(", ")}, in ${args.out}`,
            ...Object.entries(unknown).map(
              ([name, rows]) => `rows with an unknown ${name}: ${rows.toLocaleString("en-US")}`,
            ),
          ].join("\n"),
        );
      } finally {
        progress.stop();
      }
    });
  },
});
