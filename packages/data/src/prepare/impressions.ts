import type { ImpressionCounts, Manifest, ManifestFeature } from "../set/manifest.js";
import type { Split } from "../set/manifest.js";
import type { ImpressionSource, Staged } from "../formats/reader.js";
import type { Context } from "./context.js";
import { name } from "../tables/duck.js";
import { slug, type Output } from "../set/output.js";
import { writeDictionary } from "./sides.js";
import { assignParts } from "./split.js";

type Written = NonNullable<Manifest["tables"]["impressions"]>;

/**
 * Writes the impressions: `user`, `item`, `part`, `time`, `label_0` … (0, 1 or NULL) and the impression's own features.
 * All rows of a pair are in one part; the target's pairs keep the part they have as pairs, the others are split by the same rule.
 */
export async function writeImpressions(
  context: Context,
  output: Output,
  staged: Staged,
  source: ImpressionSource,
  target: number,
  split: Split,
): Promise<{ impressions: Written; features: ManifestFeature[] }> {
  const { db } = context;
  context.progress("split", "impressions");
  const columns = [...source.tasks, ...source.features].map(({ column }) => `s.${name(column)}`);
  await db.run(`CREATE TABLE shown AS SELECT users.id AS u, items.id AS i, CAST(s.t AS DOUBLE) AS t, ${columns.join(", ")}
    FROM ${source.relation} s JOIN users ON users.key = s.u JOIN items ON items.key = s.i`);
  await db.run(
    `CREATE TABLE shown_rest AS SELECT u, i, max(t) AS t FROM shown ANTI JOIN behavior_${target} USING (u, i) GROUP BY u, i`,
  );
  const rest =
    split.kind === "given"
      ? "(SELECT u, i, 0::UTINYINT AS part FROM shown_rest)"
      : await assignParts(context, "shown_rest", split, staged.timed, 1);
  await db.run(
    `CREATE TABLE shown_parts AS SELECT u, i, part FROM behavior_${target} UNION ALL SELECT u, i, part FROM ${rest}`,
  );

  const features: ManifestFeature[] = [];
  const joins: string[] = [];
  const selected = source.tasks.map(({ column }, k) => `CAST(s.${name(column)} AS UTINYINT) AS label_${k}`);
  for (const [k, { name: label, kind, column }] of source.features.entries()) {
    const out = `feature_${k}`;
    if (kind === "numerical") {
      selected.push(`CAST(s.${name(column)} AS DOUBLE) AS ${out}`);
      features.push({ entity: "impression", name: label, kind, vocabulary: 0, source: out });
      continue;
    }
    const values = `feature.impression.${slug(label)}.values.parquet`;
    const relation = `(SELECT ${name(column)} AS value FROM shown)`;
    const { table, vocabulary } = await writeDictionary(context, output, relation, values);
    joins.push(`LEFT JOIN ${table} d${k} ON d${k}.key = CAST(s.${name(column)} AS VARCHAR)`);
    selected.push(`coalesce(d${k}.id, 0)::INTEGER AS ${out}`);
    features.push({ entity: "impression", name: label, kind, vocabulary, source: out, values });
  }
  const file = "impressions.parquet";
  const time = staged.timed ? ", s.t AS time" : "";
  const rows = await output.write(
    file,
    `SELECT s.u AS "user", s.i AS item, p.part${time}${selected.map((column) => `, ${column}`).join("")}
     FROM shown s JOIN shown_parts p USING (u, i) ${joins.join(" ")} ORDER BY ALL`,
  );
  const counted = source.tasks.map((_, k) => `count(label_${k}), count(*) FILTER (label_${k} = 1)`);
  const [row = []] = await db.rows(
    `SELECT ${["count(*) FILTER (part = 0)", "count(*) FILTER (part = 1)", "count(*) FILTER (part = 2)", ...counted].join(", ")} FROM read_parquet('${output.folder.replaceAll("'", "''")}/${file}')`,
  );
  const [train = 0, valid = 0, test = 0, ...labels] = row.map(Number);
  const counts: ImpressionCounts = {
    rows,
    train,
    valid,
    test,
    labels: Object.fromEntries(
      source.tasks.map((task, k) => [task.name, { known: labels[2 * k] ?? 0, positive: labels[2 * k + 1] ?? 0 }]),
    ),
  };
  const tasks = source.tasks.map((task) => task.name);
  return { impressions: { ...counts, file, tasks, timed: staged.timed }, features };
}
