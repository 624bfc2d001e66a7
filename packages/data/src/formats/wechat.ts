import { problem } from "../errors.js";
import { headerOf, peek, placeOf, readDelimited, type Layout } from "../tables/delimited.js";
import type { Column } from "../tables/kinds.js";
import { needFile } from "../tables/sources.js";
import { onlyInput } from "./inputs.js";
import type { WechatThresholds } from "./options.js";
import type { DataFormat, FeatureSource, Reading } from "./reader.js";

/** Reads the named columns of a CSV with a header into a table. */
async function readNamed(reading: Reading, path: string, table: string, columns: readonly Column[]): Promise<void> {
  const [first] = await peek(reading, path, { delimiter: "," }, 1);
  const header = headerOf(first, ",", path);
  const placed = columns.map((column): Column => {
    const at = placeOf(header, column.name, path);
    if (at !== undefined) return { ...column, at };
    const what = `there is no column ${column.name}`;
    throw problem("invalid-input", what, `${path}:${header.line}`, `the header names ${header.names.join(", ")}`);
  });
  const layout: Layout = { columns: placed, width: header.names.length, delimiter: ",", header: header.line };
  await readDelimited(reading, [path], layout, { table, select: "*" });
}

const id = (column: string): Column => ({ name: column, kind: "id", required: true });
const number = (column: string): Column => ({ name: column, kind: "number" });
const positive = (value: number | undefined, fallback: number, option: string): number => {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value > 0) return value;
  throw problem("usage", `${option} is ${value}`, "wechat", "give a number above 0");
};

const acts = ["like", "follow", "forward"] as const;
const label = (column: string): Column => ({ name: column, kind: "label" });

/** Every task, and the SQL that says whether a row of `actions` with the video's `length` has it. */
function tasksOf(thresholds: WechatThresholds): readonly (readonly [string, string])[] {
  const effective = positive(thresholds.effectiveSeconds, 3, "effectiveSeconds");
  const long = positive(thresholds.longSeconds, 18, "longSeconds");
  const complete = positive(thresholds.completeRatio, 1, "completeRatio");
  const seconds = "(play / 1000)";
  return [
    ["effective_view", `${seconds} >= ${effective}`],
    ["long_view", `${seconds} >= least(${long}, coalesce(length, ${long}))`],
    ["complete_view", `${seconds} >= ${complete} * length`],
    ...acts.map((act) => [act, `"${act}" = 1`] as const),
  ];
}

async function readTables(reading: Reading, folder: string): Promise<void> {
  const actions = await needFile(folder, ["user_action.csv"]);
  const info = await needFile(folder, ["feed_info.csv"]);
  const word = (column: string): Column => ({ name: column, kind: "text" });
  const numbers = [...["date_", "play", "stay"].map(number), ...acts.map(label)];
  await readNamed(reading, actions, "actions", [id("userid"), id("feedid"), word("device"), ...numbers]);
  const texts = ["authorid", "bgm_song_id", "bgm_singer_id"].map(word);
  await readNamed(reading, info, "feeds", [id("feedid"), ...texts, number("videoplayseconds")]);
}

const feature = (column: string, kind: FeatureSource["kind"]): FeatureSource => ({
  entity: "item",
  name: column,
  kind,
  relation: `(SELECT feedid AS key, "${column}" AS value FROM feeds)`,
});

/**
 * The WeChat Big Data Challenge 2021: `user_action.csv` and `feed_info.csv`. Every row is an impression with six tasks:
 * effective_view, long_view and complete_view (from `play`, in milliseconds, and the video's length, in seconds), like,
 * follow, forward. A field that is empty masks its task; without a known length complete_view is masked, and long_view
 * goes by the fixed number of seconds. Author, background song and singer are item features, the device a feature of the impression.
 */
export const wechat: DataFormat = {
  name: "wechat",
  takes: { input: "DIR", encoding: "NAME", wechat: "effectiveSeconds=3,longSeconds=18,completeRatio=1" },
  describe: "user_action.csv and feed_info.csv: six labels",
  async read(reading) {
    await readTables(reading, onlyInput(reading, wechat));
    const tasks = tasksOf(reading.options.wechat ?? {});
    const labels = tasks.map(([, sql], k) => `CAST(${sql} AS UTINYINT) AS task_${k}`).join(", ");
    await reading.db.run(`CREATE TABLE shown_rows AS SELECT userid AS u, a.feedid AS i, date_ AS t, device,
    ${labels}
    FROM actions a LEFT JOIN (SELECT feedid, max(videoplayseconds) AS length FROM feeds GROUP BY feedid) f USING (feedid)`);
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
  },
};
