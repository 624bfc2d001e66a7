import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { readDelimited, type Layout } from "../tables/delimited.js";
import { text } from "../tables/duck.js";
import type { Column } from "../tables/kinds.js";
import { checkFolder, findFile } from "../tables/sources.js";
import { onlyInput } from "./inputs.js";
import { labelled, parseRules } from "./labels.js";
import type { DataFormat, FeatureSource, Reading, Staged } from "./reader.js";

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

const id = (name: string): Column => ({ name, kind: "id", required: true });
const word = (name: string): Column => ({ name, kind: "text" });
const ratingColumns: readonly Column[] = [
  id("user"),
  id("item"),
  { name: "rating", kind: "number", required: true },
  { name: "time", kind: "number" },
];

/** One of the layouts that MovieLens has been published in. */
interface Edition {
  readonly ratings: string;
  readonly layout: Omit<Layout, "columns">;
  readonly items: string;
  readonly itemLayout: Layout;
  readonly users?: string;
  readonly userLayout?: Layout;
  /** The genres of `movies`: one flag each, or in a field of their own. */
  readonly genres: string;
}

const listed = "unnest(string_split(genres, '|')) AS value FROM movies WHERE genres <> '(no genres listed)'";
const flags = genres100k.map((genre, k) => `CASE WHEN g${k} = '1' THEN ${text(genre)} END`);

/** 100K, 1M/10M (`::`), and 20M and later (CSV). */
const editions: readonly Edition[] = [
  {
    ratings: "u.data",
    genres: `unnest([${flags.join(", ")}]) AS value FROM movies`,
    layout: { delimiter: "\t", unquoted: true },
    items: "u.item",
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
    users: "u.user",
    userLayout: {
      delimiter: "|",
      unquoted: true,
      columns: [id("user"), word("age"), word("gender"), word("occupation"), word("zip")],
    },
  },
  {
    ratings: "ratings.dat",
    genres: listed,
    layout: { delimiter: "::", unquoted: true },
    items: "movies.dat",
    itemLayout: {
      delimiter: "::",
      unquoted: true,
      encoding: "latin1",
      columns: [id("item"), word("title"), word("genres")],
    },
    users: "users.dat",
    userLayout: {
      delimiter: "::",
      unquoted: true,
      columns: [id("user"), word("gender"), word("age"), word("occupation"), word("zip")],
    },
  },
  {
    ratings: "ratings.csv",
    genres: listed,
    layout: { delimiter: ",", header: 1 },
    items: "movies.csv",
    itemLayout: { delimiter: ",", header: 1, columns: [id("item"), word("title"), word("genres")] },
  },
];

async function readItems(reading: Reading, path: string, edition: Edition): Promise<FeatureSource> {
  await readDelimited(reading, [path], edition.itemLayout, { table: "movies", select: "*" });
  const relation = `(SELECT item AS key, ${edition.genres})`;
  return { entity: "item", name: "genres", kind: "multi-hot", relation };
}

async function readPeople(reading: Reading, path: string, layout: Layout): Promise<readonly FeatureSource[]> {
  await readDelimited(reading, [path], layout, { table: "people", select: "*" });
  return ["age", "gender", "occupation"].map((name) => {
    const relation = `(SELECT "user" AS key, ${name} AS value FROM people)`;
    return { entity: "user", name, kind: "one-hot", relation };
  });
}

async function readEdition(reading: Reading, folder: string, ratings: string, edition: Edition): Promise<Staged> {
  const layout: Layout = { ...edition.layout, columns: ratingColumns };
  await readDelimited(reading, [ratings], layout, { table: "ratings", select: "*" });
  const items = await findFile(folder, [edition.items]);
  const users = edition.users && (await findFile(folder, [edition.users]));
  const rows = `"user" AS u, item AS i, "time" AS t`;
  return {
    behaviors: ["interaction"],
    raw: `(SELECT 0::UTINYINT AS b, ${rows}, rating AS v FROM ratings)`,
    timed: true,
    valued: true,
    features: [
      ...(items === undefined ? [] : [await readItems(reading, items, edition)]),
      ...(users && edition.userLayout ? await readPeople(reading, users, edition.userLayout) : []),
    ],
    ...given({
      category: items && "genres",
      impressions: labelled("ratings", rows, parseRules(reading.options.labels), { rating: "rating", time: `"time"` }),
    }),
  };
}

/** A MovieLens folder as downloaded and unpacked: ratings with times, genres, and users' age, gender and occupation where published. */
export const movielens: DataFormat = {
  name: "movielens",
  takes: { input: "DIR", labels: "NAME=rating>=N" },
  describe: "100K, 1M, 10M, 20M, 25M, 32M as unpacked",
  async read(reading) {
    const folder = await checkFolder(onlyInput(reading, movielens));
    for (const edition of editions) {
      const ratings = await findFile(folder, [edition.ratings]);
      if (ratings !== undefined) return readEdition(reading, folder, ratings, edition);
    }
    const names = editions.map(({ ratings }) => ratings).join(" or ");
    throw problem("not-found", `there is no ${names}`, folder, "give the unpacked MovieLens folder");
  },
};
