import { given } from "@gradpool/core";
import { writeChunks } from "@gradpool/data";
import { type IdColumns, pairsIn, recommendationColumns, type RankOptions, type ListColumns } from "@gradpool/runs";
import { checkOut, columnsArg, gathered, idColumns, idsOf, openedArgs, withRun } from "../flags/opened.js";
import { amount } from "../terminal/amount.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { usageError } from "../terminal/errors.js";
import { readNumber } from "../terminal/values.js";

export const recommendCommand: Command = defineCommand({
  name: "recommend",
  summary: "write the best items of users, by a trained model",
  details:
    "The table has the columns user, rank (from 1), item, score and known. A user that the data does not have gets the items " +
    "that most users chose, without a score, and known is false.\n" +
    "A model of labelled rows ranks by the probability of a row for each item: users × items rows, so name candidates.\nFiles of ids: a table with a column user (or item), or a list with an id on each line.",
  examples: [
    "gradpool recommend runs/shop --users all --k 20 --out recommendations.parquet",
    "gradpool recommend runs/shop --users anna,bob --k 5 --out two.csv",
    "gradpool recommend runs/shop --users users.txt --candidates in-stock.csv --exclude none --out stock.jsonl",
  ],
  args: {
    ...openedArgs,
    users: { type: "string", required: true, valueHint: "FILE|all|ID,ID", description: "whose lists" },
    k: { type: "string", valueHint: "N", description: "items of a list (default 20)" },
    task: { type: "string", valueHint: "TASK", description: "whose head ranks (default: the target's)" },
    exclude: {
      type: "string",
      valueHint: "seen|none|FILE",
      description: "left out of a user's list: what the data says was chosen (default), nothing, or a table of pairs",
    },
    candidates: { type: "string", valueHint: "FILE|ID,ID", description: "the items to choose from (default: all)" },
    given: {
      type: "string",
      valueHint: "NAME=VALUE,…",
      description: "of models of labelled rows: features of the rows, the same for all (default: missing)",
    },
    columns: columnsArg,
    out: { type: "string", required: true, valueHint: "FILE", description: "a table: .parquet, .csv or .jsonl" },
  },
  async run({ args, terminal }) {
    checkOut(args.out);
    const k = args.k === undefined ? 20 : readNumber(args.k, "k", { integer: true, min: 1 });
    const columns = idColumns(args.columns);
    await withRun(args, terminal, async (run) => {
      const candidates =
        args.candidates === undefined ? undefined : await gathered(idsOf(run, args.candidates, "items", columns));
      const exclude = await excludeOf(args.exclude, columns);
      const users = args.users === "all" ? run.ids("users") : idsOf(run, args.users, "users", columns);
      const total = args.users === "all" ? run.ids("users").length : undefined;
      const progress = terminal.progress({ label: "recommend", unit: "users", ...given({ total }) });
      const counts = { users: 0, known: 0 };
      async function* counted(chunks: AsyncIterable<ListColumns>): AsyncGenerator<ListColumns> {
        for await (const chunk of chunks) {
          counts.users += chunk.users;
          counts.known += chunk.known;
          progress.update(counts.users);
          yield chunk;
        }
        refuseStrangers(counts, args.users);
      }
      try {
        const options = { k, exclude, ...given({ task: args.task, candidates, given: features(args.given) }) };
        const chunks = counted(run.recommendColumns(users, options));
        const rows = await writeChunks(args.out, recommendationColumns, chunks);
        const unknown = counts.users - counts.known;
        terminal.result({ out: args.out, users: counts.users, unknown, rows, k }, () =>
          [
            `${amount(rows, "row")} for ${amount(counts.users, "user")} in ${args.out}`,
            ...(unknown > 0
              ? [
                  `new users, ${run.ranks ? "who get the popular items" : "for whom the mean user stands"}: ${unknown.toLocaleString("en-US")}`,
                ]
              : []),
          ].join("\n"),
        );
      } finally {
        progress.stop();
      }
    });
  },
});

/** `device=phone,price=12`. */
function features(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined) return undefined;
  const entries = text.split(",").map((part) => {
    const equals = part.indexOf("=");
    if (equals < 1) throw usageError(`--given has ${part}`, "command line", "give NAME=VALUE,NAME=VALUE");
    return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const;
  });
  return Object.fromEntries(entries);
}

async function excludeOf(text: string | undefined, columns: IdColumns): Promise<NonNullable<RankOptions["exclude"]>> {
  if (text === undefined || text === "seen" || text === "none") return text ?? "seen";
  return pairsIn(text, columns);
}

/** One new user is a new user; a list of nothing else is another shop's. */
function refuseStrangers({ users, known }: { readonly users: number; readonly known: number }, flag: string): void {
  if (users < 2 || known > 0) return;
  throw usageError(
    `none of the ${users} users is in the run's data`,
    `--users ${flag}`,
    "give ids of the run's data set",
  );
}
