import type { GradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import type { Staged } from "../formats/reader.js";
import type { Split } from "../set/manifest.js";
import type { Context } from "./context.js";

/** A split at two moments: what happened from `test` on is tested, from `valid` on validates, the rest trains. */
export interface Cut {
  readonly valid: number;
  readonly test: number;
}

/** Splits that are made here, and those by shares. */
type Made = Exclude<Split, { kind: "given" }>;
type Shares = Exclude<Made, { kind: "leave-one-out" }>;

const literal = (moment: number): string => (moment === Infinity ? "'infinity'::DOUBLE" : `${moment}::DOUBLE`);

/** The part of a row by its time `t`, in SQL. */
export const partAt = ({ valid, test }: Cut, t = "t"): string =>
  `CAST(CASE WHEN ${t} >= ${literal(test)} THEN 2 WHEN ${t} >= ${literal(valid)} THEN 1 ELSE 0 END AS UTINYINT)`;

/** SQL that is true of rows after the training part. */
export const isLater = ({ valid, test }: Cut): string => `t >= ${literal(Math.min(valid, test))}`;

/** Refuses a split by times of rows of which some have none: where they belong cannot be known. */
export async function needTimes({ db }: Context, relation: string, split: Made): Promise<void> {
  const [row = []] = await db.rows(`SELECT count(*) FILTER (t IS NULL), count(*) FROM ${relation}`);
  const [missing = 0, total = 0] = row.map(Number);
  if (missing === 0) return;
  const what = `${missing} of ${total} pairs have no time, which ${split.kind} needs`;
  throw problem("invalid-input", what, "split", "leave these rows out, or split at random");
}

/**
 * The moments that cut `relation` (t) nearest to the wanted shares: of n rows, round(n · test) and round(n · valid). Rows of one
 * moment are never parted, and something is left to train on.
 */
export async function cutOf(context: Context, relation: string, split: Shares): Promise<Cut> {
  const { db } = context;
  await needTimes(context, relation, split);
  const total = await db.number(`SELECT count(*) FROM ${relation}`);
  const moments = `(SELECT t, sum(count(*)) OVER (ORDER BY t DESC) AS held FROM ${relation} GROUP BY t)`;
  const moment = async (share: number, already: number): Promise<{ at: number; held: number }> => {
    const wanted = Math.round(total * share);
    if (wanted === 0) return { at: Infinity, held: already };
    const [row] = await db.rows(
      `SELECT t, held FROM ${moments} WHERE held > ${already} AND held < ${total} ORDER BY abs(held - ${already + wanted}), held LIMIT 1`,
    );
    if (row) return { at: Number(row[0]), held: Number(row[1]) };
    const count = await db.number(`SELECT count(DISTINCT t) FROM ${relation}`);
    const what = `${count} different ${count === 1 ? "time is" : "times are"} too few to cut at`;
    throw problem("invalid-input", what, "split", "split at random, or leave-one-out");
  };
  const test = await moment(split.test, 0);
  const valid = await moment(split.valid, test.held);
  return { test: test.at, valid: valid.at };
}

/**
 * The SQL that gives every row of `relation` (u, i dense; t) its `part`: 0 trains, 1 validates, 2 is tested. Ties and random
 * orders are decided by a hash of pair and seed, then by the pair, so that the result does not depend on threads or on the
 * order of the input.
 *
 * - random: of n pairs, round(n · test) are tested, round(n · valid) validate, the rest trains.
 * - leave-one-out: a user's last pair (by time, or at random without times) is tested, the one before validates if a
 *   third is left to train on; a user with one pair only trains.
 * - user-random, user-time: {@link ownParts}.
 */
export async function assignParts(
  context: Context,
  relation: string,
  split: Made,
  timed: boolean,
  salt = 0,
): Promise<string> {
  const { resolved } = context;
  const chance = `hash(u, i, ${resolved.seed}::BIGINT, ${salt}), u, i`;
  if (split.kind === "leave-one-out") {
    if (timed) await needTimes(context, relation, split);
    const latest = timed ? `t DESC, ${chance}` : chance;
    const own = "PARTITION BY u";
    return `(SELECT * EXCLUDE (place, total), CAST(CASE WHEN total > 1 AND place = 1 THEN 2 WHEN total > 2 AND place = 2 THEN 1 ELSE 0 END AS UTINYINT) AS part
      FROM (SELECT *, row_number() OVER (${own} ORDER BY ${latest}) AS place, count(*) OVER (${own}) AS total FROM ${relation}))`;
  }
  if (split.kind === "user-random" || split.kind === "user-time") {
    if (split.kind === "user-time") {
      if (!timed) throw noTimes();
      await needTimes(context, relation, split);
    }
    return ownParts(relation, split, split.kind === "user-time" ? `t DESC, ${chance}` : chance);
  }
  const part = await randomPart(context, relation, split, salt);
  return `(SELECT s.*, ${part("s")} AS part FROM ${relation} s)`;
}

/** SQL over a row (by what it is called) of the part that its pair has in a random split of the pairs of `relation`; see {@link assignParts}. */
export async function randomPart(
  { db, resolved }: Context,
  relation: string,
  split: Shares,
  salt: number,
): Promise<(row: string) => string> {
  const total = await db.number(`SELECT count(*) FROM ${relation}`);
  const test = Math.round(total * split.test);
  const valid = Math.min(total - test, Math.round(total * split.valid));
  const chance = (row: string): string => `hash(${row}.u, ${row}.i, ${resolved.seed}::BIGINT, ${salt})`;
  const [tested, held] = [await upTo(db, relation, chance, test), await upTo(db, relation, chance, test + valid)];
  return (row) => `CAST(CASE WHEN ${tested(row)} THEN 2 WHEN ${held(row)} THEN 1 ELSE 0 END AS UTINYINT)`;
}

/**
 * SQL that is true of the first `count` pairs of `relation` (u, i) in the order of chance, u, i. None is sorted but those whose chance begins with the
 * same bits as the last one's.
 */
async function upTo(
  db: Context["db"],
  relation: string,
  chance: (row: string) => string,
  count: number,
): Promise<(row: string) => string> {
  if (count === 0) return () => "false";
  const counted = `SELECT ${chance("s")} >> 44 AS beginning, count(*) AS n FROM ${relation} s GROUP BY 1`;
  const [row = []] = await db.rows(
    `SELECT beginning, upto - n FROM (SELECT beginning, n, sum(n) OVER (ORDER BY beginning) AS upto FROM (${counted})) WHERE upto >= ${count} ORDER BY upto LIMIT 1`,
  );
  const [beginning, before] = row.map(String);
  const [last = []] = await db.rows(
    `SELECT ${chance("s")} AS chance, u, i FROM ${relation} s WHERE ${chance("s")} >> 44 = ${beginning} ORDER BY ALL LIMIT 1 OFFSET ${count - 1 - Number(before)}`,
  );
  const [most, u, i] = last.map(String);
  return (row) => {
    const own = chance(row);
    return `(${own} < ${most}::UBIGINT OR (${own} = ${most}::UBIGINT AND (${row}.u < ${u} OR (${row}.u = ${u} AND ${row}.i <= ${i}))))`;
  };
}

/** What a split by time says of data without times. */
export const noTimes = (): GradpoolError =>
  problem("usage", "the data have no times", "split", "split at random, or name the time column");

/**
 * Each user's pairs by themselves, counted as RecBole counts them (`_calcu_split_ids`): of a user's n pairs ⌊n · test⌋ are tested
 * and ⌊n · valid⌋ validate. A part that this leaves empty although its share is not 0 gets one pair, the test part first, as
 * long as more than one is left to train on. `order`: the tested come first.
 */
function ownParts(relation: string, { train, valid, test }: Shares, order: string): string {
  const whole = train + valid + test;
  const share = (part: number): string => `(total * ${part / whole}::DOUBLE)`;
  const empty = (part: number): string => `${share(part)} > 0 AND ${share(part)} < 1`;
  const floors = `floor(${share(valid)})::BIGINT AS valid_floor, floor(${share(test)})::BIGINT AS test_floor`;
  const counted = `(SELECT *, row_number() OVER (PARTITION BY u ORDER BY ${order}) AS place, count(*) OVER (PARTITION BY u) AS total FROM ${relation})`;
  const floored = `(SELECT *, ${floors} FROM ${counted})`;
  const tested = `(SELECT *, test_floor + CASE WHEN total - valid_floor - test_floor > 1 AND ${empty(test)} THEN 1 ELSE 0 END AS tested FROM ${floored})`;
  const held = `(SELECT *, tested + valid_floor + CASE WHEN total - valid_floor - tested > 1 AND ${empty(valid)} THEN 1 ELSE 0 END AS held FROM ${tested})`;
  return `(SELECT * EXCLUDE (place, total, valid_floor, test_floor, tested, held),
    CAST(CASE WHEN place <= tested THEN 2 WHEN place <= held THEN 1 ELSE 0 END AS UTINYINT) AS part FROM ${held})`;
}

/** The parts as the files gave them, over dense ids: a pair in both is tested. */
export function givenParts(staged: Staged, relation: string): string {
  return `(SELECT p.*, coalesce(g.part, 0)::UTINYINT AS part FROM ${relation} p LEFT JOIN
    (SELECT users.id AS u, items.id AS i, max(part) AS part FROM ${staged.given} g
      JOIN users ON users.key = g.u JOIN items ON items.key = g.i GROUP BY ALL) g USING (u, i))`;
}
