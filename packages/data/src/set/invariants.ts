import { problem } from "../errors.js";
import type { Manifest, ManifestBehavior } from "./manifest.js";
import type { Workspace } from "../tables/workspace.js";
import { written, type Output } from "./output.js";

/**
 * Reads the written files back and refuses the set unless ids are dense, every pair is unique and in range, no target
 * pair is in two parts, no auxiliary pair is leaked, and the counts are those of the report.
 */
export async function checkInvariants(
  context: Pick<Workspace, "db" | "progress">,
  output: Output,
  manifest: Omit<Manifest, "files">,
): Promise<void> {
  const { db } = context;
  const { users, items, tables } = manifest;
  const must = (claim: string, found: unknown, expected: number): void => {
    if (Number(found) === expected) return;
    throw problem(
      "failed",
      `the written set is wrong: ${claim} is ${found}, not ${expected}`,
      output.folder,
      "report this as a bug",
    );
  };
  context.progress("check", "invariants");
  for (const [table, size] of [
    [tables.users, users],
    [tables.items, items],
  ] as const) {
    const dense = `SELECT count(DISTINCT id) FROM ${written(output, table)} WHERE id BETWEEN 0 AND ${size - 1}`;
    must(`number of dense ids in ${table}`, await db.number(dense), size);
  }
  const target = tables.behaviors.find((behavior) => behavior.name === manifest.target);
  const heldOf = (behaviors: readonly (ManifestBehavior | undefined)[]): string =>
    behaviors
      .flatMap((behavior) => [behavior?.files.valid ?? [], behavior?.files.test ?? []].flat())
      .map((file) => `SELECT "user", item FROM ${written(output, file)}`)
      .join(" UNION ALL ");
  const splitAll = manifest.options["splitAll"] === true;
  const heldOut = heldOf(splitAll ? tables.behaviors : [target]);
  for (const { name, files } of tables.behaviors) {
    const parts = Object.values(files).map((file) => `SELECT "user", item FROM ${written(output, file)}`);
    const all = `(${parts.join(" UNION ALL ")})`;
    const counts = Object.hasOwn(manifest.behaviors, name) ? manifest.behaviors[name] : undefined;
    const size = counts === undefined ? -1 : "leaked" in counts ? counts.train : counts.pairs;
    const outside = `"user" NOT BETWEEN 0 AND ${users - 1} OR item NOT BETWEEN 0 AND ${items - 1}`;
    const [found = []] = await db.rows(
      `SELECT count(*), coalesce(sum(n), 0), coalesce(sum(n) FILTER (${outside}), 0) FROM (SELECT "user", item, count(*) AS n FROM ${all} GROUP BY ALL)`,
    );
    must(`number of unique pairs of ${name}`, found[0], size);
    must(`number of pairs of ${name}`, found[1], size);
    must(`number of ids out of range in ${name}`, found[2], 0);
    if ((name === manifest.target && !splitAll) || manifest.options.keepLeakage || files.train === undefined) continue;
    const leaked = `SELECT count(*) FROM ${written(output, files.train)} SEMI JOIN (${heldOut}) USING ("user", item)`;
    must(`number of leaked pairs in ${name}`, await db.number(leaked), 0);
  }
}
