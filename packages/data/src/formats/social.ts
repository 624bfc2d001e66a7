import { problem } from "../errors.js";
import type { Context, Staged } from "../prepare/context.js";
import { readDelimited, type Column } from "../prepare/delimited.js";
import { firstLines } from "../prepare/lines.js";
import { checkFile, checkFolder, findFile, needFile } from "../prepare/sources.js";
import { readEdges, readLinks } from "./edges.js";
import { onlyInput } from "./inputs.js";

/**
 * Last.fm in either layout: HetRec's own (`user_artists.dat`, `user_friends.dat`, with headers), or `train.txt`,
 * `test.txt` (`user item count`) and `trust.txt`. The given test part is kept unless `--split` asks for another split
 * of all pairs. The behaviour is `listen`, its value the play count.
 */
export async function readLastfm(context: Context): Promise<Staged> {
  const folder = await checkFolder(onlyInput(context, "DIR"));
  const hetrec = await findFile(folder, ["user_artists.dat"]);
  const common = { behaviors: ["listen"], timed: false, valued: true } as const;
  const row = "SELECT 0::UTINYINT AS b, u, i, NULL::DOUBLE AS t, v FROM";
  if (hetrec !== undefined) {
    const id = (name: string): Column => ({ name, type: "VARCHAR", required: true });
    const layout = { delimiter: "\t", header: true, unquoted: true } as const;
    const columns: readonly Column[] = [id("user"), id("item"), { name: "weight", type: "DOUBLE" }];
    await readDelimited(context, [hetrec], { ...layout, columns }, "listens", `"user" AS u, item AS i, weight AS v`, [
      "u",
      "i",
    ]);
    const friends = await findFile(folder, ["user_friends.dat"]);
    if (friends !== undefined) {
      await readDelimited(context, [friends], { ...layout, columns: [id("l"), id("r")] }, "friends", "l, r", [
        "l",
        "r",
      ]);
    }
    return { ...common, raw: `(${row} listens)`, ...(friends === undefined ? {} : { social: "friends" }) };
  }
  await readEdges(context, await needFile(folder, ["train.txt"]), "train_rows");
  const test = await findFile(folder, ["test.txt"]);
  if (test !== undefined) await readEdges(context, test, "test_rows");
  const trust = await findFile(folder, ["trust.txt"]);
  return {
    ...common,
    raw: test === undefined ? `(${row} train_rows)` : `(${row} train_rows UNION ALL ${row} test_rows)`,
    ...(test === undefined ? {} : { given: "(SELECT 2::UTINYINT AS part, u, i FROM test_rows)" }),
    ...(trust === undefined ? {} : { social: await readLinks(context, trust, "trust") }),
  };
}

const ratingNames = ["ratings_data.txt", "rating_with_timestamp.txt", "rating.txt", "ratings.txt"];
const trustNames = ["trust_data.txt", "trust.txt"];

/**
 * Epinions in its published layouts: ratings of 3 columns (user item rating), 5 (user item category rating helpfulness)
 * or 6 (and a time), separated by white space, and trust pairs (a third column is ignored).
 */
export async function readEpinions(context: Context): Promise<Staged> {
  const folder = await checkFolder(onlyInput(context, "DIR"));
  const ratings = await checkFile(await needFile(folder, ratingNames));
  const [first = ""] = await firstLines(ratings, 1);
  const split = (line: string): string[] => line.trim().split(/\s*,\s*|\s+/);
  const width = split(first).length;
  const id = (name: string): Column => ({ name, type: "VARCHAR", required: true });
  const number = (name: string): Column => ({ name, type: "DOUBLE" });
  const middle = width > 3 ? [{ name: "category", type: "VARCHAR" } as const] : [];
  const last = [...(width > 3 ? [number("helpfulness")] : []), ...(width > 5 ? [number("time")] : [])];
  if (![3, 5, 6].includes(width)) {
    const remedy = "3 (user item rating), 5 (user item category rating helpfulness) or 6 (and time) are known";
    throw problem("invalid-input", `the first row has ${width} columns`, `${ratings}:1`, remedy);
  }
  const columns: readonly Column[] = [
    id("user"),
    id("item"),
    ...middle,
    { ...number("rating"), required: true },
    ...last,
  ];
  const select = `"user" AS u, item AS i, ${width > 5 ? `"time"` : "NULL::DOUBLE"} AS t, rating AS v${width > 3 ? ", category" : ""}`;
  const layout = {
    columns,
    delimiter: first.includes("\t") ? "\t" : " ",
    unquoted: true,
    split,
    regular: !/\s\s|^\s|\s$|,/.test(first),
  };
  await readDelimited(context, [ratings], layout, "ratings", select, ["u", "i", "v"]);
  const trust = await findFile(folder, trustNames);
  return {
    behaviors: ["rate"],
    raw: "(SELECT 0::UTINYINT AS b, u, i, t, v FROM ratings)",
    timed: width > 5,
    valued: true,
    ...(trust === undefined ? {} : { social: await readLinks(context, trust, "trust") }),
    ...(width > 3
      ? {
          features: [
            {
              entity: "item",
              name: "category",
              kind: "one-hot",
              relation: "(SELECT i AS key, category AS value FROM ratings)",
            },
          ] as const,
          category: "category",
        }
      : {}),
  };
}
