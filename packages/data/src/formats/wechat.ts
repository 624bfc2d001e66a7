import { problem } from "../errors.js";
import type { Context, FeatureSource, Staged } from "../prepare/context.js";
import { headerOf, readDelimited, type Column } from "../prepare/delimited.js";
import { name } from "../prepare/duck.js";
import { firstLines } from "../prepare/lines.js";
import { checkFile, needFile } from "../prepare/sources.js";
import { onlyInput } from "./inputs.js";

/** Reads a CSV with a header into a table: the named columns typed, the others as text. */
async function readNamed(
  context: Context,
  path: string,
  table: string,
  typed: readonly Column[],
): Promise<readonly string[]> {
  const [first] = await firstLines(await checkFile(path), 1);
  const names = headerOf(first, ",", path);
  const missing = typed.find((column) => !names.includes(column.name));
  if (missing) {
    const what = `there is no column ${missing.name}`;
    throw problem("invalid-input", what, `${path}:1`, `the header names ${names.join(", ")}`);
  }
  const columns = names.map(
    (column): Column => typed.find((entry) => entry.name === column) ?? { name: column, type: "VARCHAR" },
  );
  const required = typed.filter((column) => column.required).map((column) => name(column.name));
  const select = typed.map((column) => name(column.name)).join(", ");
  await readDelimited(
    context,
    [path],
    { columns, delimiter: ",", header: true, multiline: true },
    table,
    select,
    required,
  );
  return names;
}

const id = (column: string): Column => ({ name: column, type: "VARCHAR", required: true });
const number = (column: string): Column => ({ name: column, type: "DOUBLE" });
const positive = (value: number | undefined, fallback: number, option: string): number => {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value > 0) return value;
  throw problem("usage", `${option} is ${value}`, "--wechat", "give a number above 0");
};

/**
 * The WeChat Big Data Challenge 2021: `user_action.csv` and `feed_info.csv`. Every row is an impression with six tasks:
 * effective_view, long_view and complete_view (from `play`, in milliseconds, and the video's length, in seconds), like,
 * follow, forward. A field that is empty masks its task; without a known length complete_view is masked, and long_view
 * goes by the fixed number of seconds. Author, background song and singer are item features, the device a feature of the impression.
 */
export async function readWechat(context: Context): Promise<Staged> {
  const folder = onlyInput(context, "DIR");
  const actions = await needFile(folder, ["user_action.csv"]);
  const info = await needFile(folder, ["feed_info.csv"]);
  const acts = ["like", "follow", "forward"];
  const numbers = ["date_", "play", "stay", ...acts].map(number);
  await readNamed(context, actions, "actions", [
    id("userid"),
    id("feedid"),
    { name: "device", type: "VARCHAR" },
    ...numbers,
  ]);
  const texts = ["authorid", "bgm_song_id", "bgm_singer_id"].map((column): Column => ({
    name: column,
    type: "VARCHAR",
  }));
  await readNamed(context, info, "feeds", [id("feedid"), ...texts, number("videoplayseconds")]);
  const { wechat = {} } = context.options;
  const effective = positive(wechat.effectiveSeconds, 3, "effectiveSeconds");
  const long = positive(wechat.longSeconds, 18, "longSeconds");
  const complete = positive(wechat.completeRatio, 1, "completeRatio");
  const seconds = "(play / 1000)";
  const tasks: readonly (readonly [string, string])[] = [
    ["effective_view", `${seconds} >= ${effective}`],
    ["long_view", `${seconds} >= least(${long}, coalesce(length, ${long}))`],
    ["complete_view", `${seconds} >= ${complete} * length`],
    ...acts.map((act) => [act, `"${act}" > 0`] as const),
  ];
  await context.db.run(`CREATE TABLE shown_rows AS SELECT userid AS u, a.feedid AS i, date_ AS t, device,
    ${tasks.map(([, sql], k) => `CAST(${sql} AS UTINYINT) AS task_${k}`).join(", ")}
    FROM actions a LEFT JOIN (SELECT feedid, max(videoplayseconds) AS length FROM feeds GROUP BY feedid) f USING (feedid)`);
  const feature = (column: string, kind: FeatureSource["kind"]): FeatureSource => ({
    entity: "item",
    name: column,
    kind,
    relation: `(SELECT feedid AS key, "${column}" AS value FROM feeds)`,
  });
  const rows = tasks.map(
    (_, k) => `SELECT ${k}::UTINYINT AS b, u, i, t, NULL::DOUBLE AS v FROM shown_rows WHERE task_${k} = 1`,
  );
  return {
    behaviors: tasks.map(([task]) => task),
    raw: `(${rows.join(" UNION ALL ")})`,
    timed: true,
    valued: false,
    features: [
      feature("authorid", "one-hot"),
      feature("bgm_song_id", "one-hot"),
      feature("bgm_singer_id", "one-hot"),
      feature("videoplayseconds", "numerical"),
    ],
    category: "authorid",
    impressions: {
      relation: "shown_rows",
      tasks: tasks.map(([task], k) => ({ name: task, column: `task_${k}` })),
      features: [{ name: "device", kind: "one-hot", column: "device" }],
    },
    target: "like",
  };
}
