import { problem } from "../errors.js";
import type { BehaviorCounts, Split } from "../set/manifest.js";
import type { Staged } from "../formats/reader.js";
import type { Context } from "./context.js";
import { assignParts, givenParts } from "./split.js";

/** Which split holds: the one asked for, else the one that came with the data, else 70/15/15 at random. */
export function chooseSplit(asked: Split | undefined, staged: Staged): Split {
  if (asked) return asked;
  return staged.given ? { kind: "given" } : { kind: "random", train: 0.7, valid: 0.15, test: 0.15 };
}

/**
 * Makes a table `behavior_<b>` (u, i, t, v, part) of unique pairs over dense ids for every behaviour. A pair's time is
 * its first; its value is the latest one (the greatest of those at the same time).
 */
export async function makePairs(
  context: Context,
  staged: Staged,
  target: number,
  split: Split,
): Promise<Record<string, BehaviorCounts>> {
  const { db, resolved } = context;
  const raw = new Map(
    (await db.rows(`SELECT b, count(*) FROM ${staged.raw} GROUP BY b`)).map(([b, n]) => [Number(b), Number(n)]),
  );
  const value = staged.valued ? "max({'t': coalesce(t, 0), 'v': v}).v" : "NULL";
  context.progress("split", "unique pairs");
  await db.run(`CREATE TABLE unique_pairs AS SELECT b, users.id AS u, items.id AS i, CAST(min(t) AS DOUBLE) AS t, CAST(${value} AS DOUBLE) AS v
    FROM ${staged.raw} r JOIN users ON users.key = r.u JOIN items ON items.key = r.i GROUP BY b, users.id, items.id`);
  const main = `(SELECT u, i, t, v FROM unique_pairs WHERE b = ${target})`;
  const parts =
    split.kind === "given" ? givenParts(staged, main) : await assignParts(context, main, split, staged.timed);
  context.progress("split", `the target, ${staged.behaviors[target]}`);
  await db.run(`CREATE TABLE behavior_${target} AS SELECT u, i, t, v, part FROM ${parts}`);
  const counts: Record<string, BehaviorCounts> = {};
  for (const [b, name] of staged.behaviors.entries()) {
    const read = raw.get(b) ?? 0;
    if (b === target) {
      const [row = []] = await db.rows(
        `SELECT count(*), count(*) FILTER (part = 0), count(*) FILTER (part = 1), count(*) FILTER (part = 2) FROM behavior_${b}`,
      );
      const [pairs = 0, train = 0, valid = 0, test = 0] = row.map(Number);
      if (pairs === 0) {
        const what = `no pair of the target "${name}" is left`;
        throw problem("failed", what, `${read} rows read`, "choose another target or lower the filters");
      }
      counts[name] = { raw: read, pairs, train, valid, test };
      continue;
    }
    const pairs = await db.number(`SELECT count(*) FROM unique_pairs WHERE b = ${b}`);
    const held = resolved.keepLeakage
      ? ""
      : `ANTI JOIN (SELECT u, i FROM behavior_${target} WHERE part > 0) USING (u, i)`;
    context.progress("split", name);
    await db.run(
      `CREATE TABLE behavior_${b} AS SELECT u, i, t, v, 0::UTINYINT AS part FROM unique_pairs ${held} WHERE b = ${b}`,
    );
    const train = await db.number(`SELECT count(*) FROM behavior_${b}`);
    counts[name] = { raw: read, pairs, leaked: pairs - train, train };
  }
  await db.run("DROP TABLE unique_pairs");
  return counts;
}
