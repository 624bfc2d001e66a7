import { problem } from "../errors.js";
import type { Split } from "../set/manifest.js";
import type { Staged } from "../formats/reader.js";
import type { Context } from "./context.js";

/**
 * The SQL that gives every row of `relation` (u, i dense; t) its `part`: 0 trains, 1 validates, 2 is tested. Ties and random orders are decided by a hash of
 * pair and seed, then by the pair, so that the result does not depend on threads or on the order of the input.
 *
 * - random: of n pairs, round(n · test) are tested, round(n · valid) validate, the rest trains.
 * - time: the same numbers, the latest tested, those before them validating (over all users together).
 * - leave-one-out: a user's last pair (by time, or at random without times) is tested, the one before validates if a
 *   third is left to train on; a user with one pair only trains.
 */
export async function assignParts(
  context: Context,
  relation: string,
  split: Exclude<Split, { kind: "given" }>,
  timed: boolean,
  salt = 0,
): Promise<string> {
  const { db, resolved } = context;
  const chance = `hash(u, i, ${resolved.seed}::BIGINT, ${salt}), u, i`;
  const latest = timed ? `t DESC NULLS LAST, ${chance}` : chance;
  if (split.kind === "leave-one-out") {
    const own = "PARTITION BY u";
    return `(SELECT * EXCLUDE (place, total), CAST(CASE WHEN total > 1 AND place = 1 THEN 2 WHEN total > 2 AND place = 2 THEN 1 ELSE 0 END AS UTINYINT) AS part
      FROM (SELECT *, row_number() OVER (${own} ORDER BY ${latest}) AS place, count(*) OVER (${own}) AS total FROM ${relation}))`;
  }
  if (split.kind === "time" && !timed) {
    throw problem("usage", "the data have no times", "split", "split at random, or name the time column");
  }
  const total = await db.number(`SELECT count(*) FROM ${relation}`);
  const test = Math.round(total * split.test);
  const valid = Math.min(total - test, Math.round(total * split.valid));
  const order = split.kind === "time" ? latest : chance;
  return `(SELECT * EXCLUDE (place), CAST(CASE WHEN place <= ${test} THEN 2 WHEN place <= ${test + valid} THEN 1 ELSE 0 END AS UTINYINT) AS part
    FROM (SELECT *, row_number() OVER (ORDER BY ${order}) AS place FROM ${relation}))`;
}

/** The parts as the files gave them, over dense ids: a pair in both is tested. */
export function givenParts(staged: Staged, relation: string): string {
  return `(SELECT p.*, coalesce(g.part, 0)::UTINYINT AS part FROM ${relation} p LEFT JOIN
    (SELECT users.id AS u, items.id AS i, max(part) AS part FROM ${staged.given} g
      JOIN users ON users.key = g.u JOIN items ON items.key = g.i GROUP BY ALL) g USING (u, i))`;
}
