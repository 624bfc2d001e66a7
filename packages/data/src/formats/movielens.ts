import { problem } from "../errors.js";
import type { Context, FeatureSource, Staged } from "../prepare/context.js";
import { readDelimited, type Column, type Layout } from "../prepare/delimited.js";
import { checkFolder, findFile } from "../prepare/sources.js";
import { onlyInput } from "./inputs.js";
import { labelled } from "./labels.js";

const genres100k = [
  "unknown",
  "Action",
  "Adventure",
  "Animation",
  "Children's",
  "Comedy",
  "Crime",
  "Documentary",
  "Drama",
  "Fantasy",
  "Film-Noir",
  "Horror",
  "Musical",
  "Mystery",
  "Romance",
  "Sci-Fi",
  "Thriller",
  "War",
  "Western",
];

const id = (name: string): Column => ({ name, type: "VARCHAR", required: true });
const word = (name: string): Column => ({ name, type: "VARCHAR" });
const ratingColumns: readonly Column[] = [
  id("user"),
  id("item"),
  { name: "rating", type: "DOUBLE", required: true },
  { name: "time", type: "BIGINT" },
];

/** The three layouts that MovieLens has been published in: 100K, 1M/10M (`::`), and 20M and later (CSV). */
const editions: readonly {
  readonly ratings: readonly string[];
  readonly layout: Omit<Layout, "columns">;
  readonly items: readonly string[];
  readonly itemLayout: Layout;
  readonly users?: readonly string[];
  readonly userLayout?: Layout;
}[] = [
  {
    ratings: ["u.data"],
    layout: { delimiter: "\t", unquoted: true },
    items: ["u.item"],
    itemLayout: {
      delimiter: "|",
      unquoted: true,
      encoding: "latin1",
      columns: [
        id("item"),
        word("title"),
        word("released"),
        word("video"),
        word("url"),
        ...genres100k.map((_, k) => word(`g${k}`)),
      ],
    },
    users: ["u.user"],
    userLayout: {
      delimiter: "|",
      unquoted: true,
      columns: [id("user"), word("age"), word("gender"), word("occupation"), word("zip")],
    },
  },
  {
    ratings: ["ratings.dat"],
    layout: { delimiter: "::", unquoted: true },
    items: ["movies.dat"],
    itemLayout: {
      delimiter: "::",
      unquoted: true,
      encoding: "latin1",
      columns: [id("item"), word("title"), word("genres")],
    },
    users: ["users.dat"],
    userLayout: {
      delimiter: "::",
      unquoted: true,
      columns: [id("user"), word("gender"), word("age"), word("occupation"), word("zip")],
    },
  },
  {
    ratings: ["ratings.csv"],
    layout: { delimiter: ",", header: true },
    items: ["movies.csv"],
    itemLayout: { delimiter: ",", header: true, multiline: true, columns: [id("item"), word("title"), word("genres")] },
  },
];

const genresSql = (is100k: boolean): string => {
  if (!is100k)
    return "(SELECT item AS key, unnest(string_split(genres, '|')) AS value FROM movies WHERE genres <> '(no genres listed)')";
  const flags = genres100k.map((genre, k) => `CASE WHEN g${k} = '1' THEN '${genre.replace("'", "''")}' END`);
  return `(SELECT item AS key, unnest([${flags.join(", ")}]) AS value FROM movies)`;
};

/** A MovieLens folder as downloaded and unpacked: ratings with times, genres, and users' age, gender and occupation where published. */
export async function readMovielens(context: Context): Promise<Staged> {
  const folder = await checkFolder(onlyInput(context, "DIR"));
  for (const edition of editions) {
    const ratings = await findFile(folder, edition.ratings);
    if (ratings === undefined) continue;
    const layout: Layout = { ...edition.layout, columns: ratingColumns };
    await readDelimited(context, [ratings], layout, "ratings", "*", [`"user"`, "item", "rating"]);
    const features: FeatureSource[] = [];
    const items = await findFile(folder, edition.items);
    if (items !== undefined) {
      await readDelimited(context, [items], edition.itemLayout, "movies", "*", ["item"]);
      features.push({
        entity: "item",
        name: "genres",
        kind: "multi-hot",
        relation: genresSql(edition === editions[0]),
      });
    }
    const users = edition.users && (await findFile(folder, edition.users));
    if (users && edition.userLayout) {
      await readDelimited(context, [users], edition.userLayout, "people", "*", [`"user"`]);
      for (const name of ["age", "gender", "occupation"]) {
        const relation = `(SELECT "user" AS key, ${name} AS value FROM people)`;
        features.push({ entity: "user", name, kind: "one-hot", relation });
      }
    }
    const rows = `"user" AS u, item AS i, "time" AS t`;
    const { labels } = context.options;
    return {
      behaviors: ["interaction"],
      raw: `(SELECT 0::UTINYINT AS b, ${rows}, rating AS v FROM ratings)`,
      timed: true,
      valued: true,
      features,
      ...(items === undefined ? {} : { category: "genres" }),
      ...(labels?.length ? { impressions: labelled("ratings", rows, labels, ["rating", "time"]) } : {}),
    };
  }
  throw problem(
    "not-found",
    "there is no u.data, ratings.dat or ratings.csv",
    folder,
    "give the unpacked MovieLens folder",
  );
}
