import { writeTable } from "@gradpool/data";
import { similarColumns, similarRows } from "@gradpool/runs";
import { checkOut, columnsArg, gathered, idColumns, idsOf, openedArgs, withRun } from "../flags/opened.js";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { readNumber } from "../terminal/values.js";

export const similarCommand: Command = defineCommand({
  name: "similar",
  summary: "write the items most like some items, by a trained model's embeddings",
  details: "The table has the columns item, rank (from 1), similar and score, the cosine of the two embeddings.",
  examples: [
    "gradpool similar runs/shop --items all --k 10 --out similar.parquet",
    "gradpool similar runs/shop --items 'red shoe,blue shoe' --out shoes.csv",
  ],
  args: {
    ...openedArgs,
    items: { type: "string", required: true, valueHint: "FILE|all|ID,ID", description: "whose likes" },
    k: { type: "string", valueHint: "N", description: "items of a list (default 20)" },
    columns: columnsArg,
    out: { type: "string", required: true, valueHint: "FILE", description: "a table: .parquet, .csv or .jsonl" },
  },
  async run({ args, terminal }) {
    checkOut(args.out);
    const k = args.k === undefined ? 20 : readNumber(args.k, "k", { integer: true, min: 1 });
    await withRun(args, terminal, async (run) => {
      const items =
        args.items === "all"
          ? run.ids("items")
          : await gathered(idsOf(run, args.items, "items", idColumns(args.columns)));
      const rows = await writeTable(args.out, similarColumns, similarRows(await run.similarItems(items, k)));
      terminal.result(
        { out: args.out, items: items.length, rows, k },
        () => `${amount(rows, "row")} for ${amount(items.length, "item")} in ${args.out}`,
      );
    });
  },
});
