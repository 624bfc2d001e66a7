import { problem } from "../errors.js";
import { readDelimited } from "../tables/delimited.js";
import { name as quoted } from "../tables/duck.js";
import type { Column } from "../tables/kinds.js";
import { checkFolder, needFile } from "../tables/sources.js";
import { readTable } from "./columns.js";
import { inputs, type ReadRows } from "./inputs.js";
import type { DataFormat, FeatureSource, Reading } from "./reader.js";

/** 11/15/2019 8:55:22 AM */
const timeFormat = "%m/%d/%Y %I:%M:%S %p";

const news = ["news", "category", "subcategory", "title", "abstract", "url", "title_entities", "abstract_entities"];

/** Columns of `behaviors.tsv`, in its order; only those are read that are wanted. */
const log: readonly Column[] = [
  { name: "impression", kind: "text", as: "impression" },
  { name: "user", kind: "id", as: "shown_to", required: true },
  { name: "time", kind: "time", as: "shown_at", format: timeFormat },
  { name: "history", kind: "text", as: "history" },
  { name: "impressions", kind: "text", as: "shown", required: true },
];

/** Each list of impressions as rows: the news, and whether it was clicked. */
const readRows: ReadRows = async (reading, wanted, { input, table }) => {
  for (const [k, folder] of input.entries()) {
    const file = await needFile(folder, ["behaviors.tsv"]);
    const layout = { columns: log, delimiter: "\t", unquoted: true };
    await readDelimited(reading, [file], layout, { table: "mind_log", select: "*", append: k > 0 });
  }
  await refuseUnclicked(reading, input[0] as string);
  const sources: Readonly<Record<string, string>> = {
    user: "shown_to",
    news: "regexp_extract(one, '^(.+)-[01]$', 1)",
    click: "CAST(right(one, 1) AS UTINYINT)",
    history: "history",
  };
  const selected = wanted.flatMap(({ name, as = name, kind }) =>
    kind === "time"
      ? [`shown_at AS ${quoted(as)}`, `NULL::DOUBLE AS ${quoted(`${as}_number`)}`]
      : [`${sources[name]} AS ${quoted(as)}`],
  );
  const each = "unnest(list_filter(string_split_regex(trim(shown), '\\s+'), lambda x: x <> '')) AS one";
  await reading.db.run(
    `CREATE TABLE ${table} AS SELECT ${selected.join(", ")} FROM (SELECT shown_to, shown_at, history, ${each} FROM mind_log)`,
  );
};

/** An impression is a news' id and its label: those of the published test part have none. */
async function refuseUnclicked({ db }: Reading, folder: string): Promise<void> {
  const each = "unnest(list_filter(string_split_regex(trim(shown), '\\s+'), lambda x: x <> ''))";
  const query = `SELECT any_value(one), count(*) FROM (SELECT ${each} AS one FROM mind_log) WHERE NOT regexp_full_match(one, '.+-[01]')`;
  const [[one, count] = []] = await db.rows(query);
  if (Number(count) === 0) return;
  const what = `${Number(count)} impressions are no news with a label, such as "${String(one)}"`;
  throw problem(
    "invalid-input",
    what,
    folder,
    "give folders whose behaviors.tsv says NEWS-1 or NEWS-0, as train and dev",
  );
}

async function readNews(reading: Reading, folders: readonly string[]): Promise<void> {
  const columns = news.slice(0, 4).map((column, k): Column => ({
    name: column,
    kind: k === 0 ? "id" : "text",
    ...(k === 0 && { required: true }),
  }));
  const layout = { columns, width: news.length, delimiter: "\t", unquoted: true };
  for (const [k, folder] of folders.entries()) {
    const file = await needFile(folder, ["news.tsv"]);
    await readDelimited(reading, [file], layout, { table: "mind_news", select: "*", append: k > 0 });
  }
  // Folders of one publisher share news.
  await reading.db.run(
    "CREATE TABLE mind_items AS SELECT news AS key, min(category) AS category, min(subcategory) AS subcategory, min(title) AS title FROM mind_news GROUP BY news",
  );
}

const feature = (column: string): FeatureSource => ({
  entity: "item",
  name: column,
  kind: "one-hot",
  relation: `(SELECT key, ${column} AS value FROM mind_items)`,
});

/** The words of a title, as they stand; those of one news alone say nothing. */
const words: FeatureSource = {
  entity: "item",
  name: "title",
  kind: "multi-hot",
  relation:
    "(SELECT key, list_distinct(list_filter(string_split(title, ' '), lambda x: x <> '')) AS value FROM mind_items)",
  coding: { encoding: { columns: ["title"], kind: "list", separator: " ", pooling: "mean" }, min: 2 },
};

/**
 * MIND (Wu et al. 2020) and logs like it: `behaviors.tsv` (impression, user, time, history, impressions as `N1-1 N2-0`) and `news.tsv`
 * (news, category, subcategory, title, …). An impression is a row with the label click; what the user had read is a feature of the row,
 * the category, subcategory and words of the title are features of the item.
 */
export const mind: DataFormat = {
  name: "mind",
  takes: { input: "FOLDER…", encoding: "NAME" },
  describe: "MIND news: behaviors.tsv with impressions N1-1 N2-0, news.tsv; label click, the history a feature of rows",
  async read(reading) {
    const folders = await Promise.all(inputs(reading, mind).map(checkFolder));
    await readNews(reading, folders);
    const columns = {
      user: "user",
      item: "news",
      label: ["click"],
      time: "time",
      features: { history: { type: "list", separator: " ", min: 2 } as const },
    };
    const staged = await readTable(reading, readRows, folders, { columns });
    return {
      ...staged,
      features: [...(staged.features ?? []), feature("category"), feature("subcategory"), words],
      category: "category",
    };
  },
};
