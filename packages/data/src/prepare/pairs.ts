import { problem } from "../errors.js";
import type { AuxiliaryCounts, BehaviorCounts, Split, TargetCounts } from "../set/manifest.js";
import { record } from "../set/record.js";
import type { Staged } from "../formats/reader.js";
import type { Context } from "./context.js";
import { assignParts, cutOf, givenParts, isLater, needTimes, noTimes, partAt, type Cut } from "./split.js";

/** Which split holds: the one asked for, else the one that came with the data, else 70/15/15 at random. */
export function chooseSplit(asked: Split | undefined, staged: Staged): Split {
  if (asked) return asked;
  return staged.given ? { kind: "given" } : { kind: "random", train: 0.7, valid: 0.15, test: 0.15 };
}

/** The target's pairs with their parts, in SQL, and the cut if they are parted by time. */
async function partsOf(
  context: Context,
  staged: Staged,
  relation: string,
  split: Split,
): Promise<{ readonly parts: string; readonly cut: Cut | undefined }> {
  if (split.kind === "given") return { parts: givenParts(staged, relation), cut: undefined };
  if (split.kind !== "time")
    return { parts: await assignParts(context, relation, split, staged.timed), cut: undefined };
  if (!staged.timed) throw noTimes();
  const cut = await cutOf(context, relation, split);
  return { parts: `(SELECT *, ${partAt(cut)} AS part FROM ${relation})`, cut };
}

async function countParts({ db }: Context, b: number, raw: number): Promise<TargetCounts> {
  const [row = []] = await db.rows(
    `SELECT count(*), count(*) FILTER (part = 0), count(*) FILTER (part = 1), count(*) FILTER (part = 2) FROM behavior_${b}`,
  );
  const [pairs = 0, train = 0, valid = 0, test = 0] = row.map(Number);
  return { raw, pairs, train, valid, test };
}

async function countTarget(context: Context, b: number, name: string, raw: number): Promise<TargetCounts> {
  const counts = await countParts(context, b, raw);
  // Rows that only go on with another set's numbers need not have a pair of the target.
  if (counts.pairs > 0 || context.after !== undefined) return counts;
  const none = `no pair of the target "${name}"`;
  if (raw === 0) throw problem("failed", `${none}: no row is one`, "the source files", "choose another `target`");
  throw problem("failed", `${none} is left of its ${raw} rows`, "the filters", "choose another `target` or lower them");
}

/** The parts of every pair, of whatever behaviour, as a table `pair_parts` (u, i, part): one part a pair. */
async function partAll(
  context: Context,
  staged: Staged,
  target: number,
  { split, cut }: { readonly split: Split; readonly cut: Cut | undefined },
): Promise<void> {
  if (split.kind === "given") {
    const remedy = "leave out `splitAll`, or have the pairs split here with `split`";
    throw problem("usage", "the data's own parts are the target's alone", "splitAll", remedy);
  }
  const { db } = context;
  const held = `SELECT u, i FROM behavior_${target}`;
  const rest = `(SELECT u, i, min(t) AS t FROM unique_pairs WHERE b <> ${target} GROUP BY u, i)`;
  await db.run(`CREATE TABLE other_pairs AS SELECT * FROM ${rest} ANTI JOIN (${held}) USING (u, i)`);
  const parts = cut
    ? `(SELECT *, ${partAt(cut)} AS part FROM other_pairs)`
    : await assignParts(context, "other_pairs", split as Exclude<Split, { kind: "given" | "time" }>, staged.timed, 2);
  await db.run(
    `CREATE TABLE pair_parts AS SELECT u, i, part FROM behavior_${target} UNION ALL SELECT u, i, part FROM ${parts}`,
  );
  await db.run("DROP TABLE other_pairs");
}

async function splitAuxiliary(context: Context, b: number, raw: number): Promise<TargetCounts> {
  const columns = "unique_pairs.u, unique_pairs.i, t, v, part";
  await context.db.run(
    `CREATE TABLE behavior_${b} AS SELECT ${columns} FROM unique_pairs JOIN pair_parts USING (u, i) WHERE b = ${b}`,
  );
  return countParts(context, b, raw);
}

/** An auxiliary's pairs, less those that tell of the target's held-out parts: the same pairs, and after a cut all later ones. */
async function makeAuxiliary(
  { db, resolved }: Context,
  b: number,
  target: number,
  raw: number,
  cut: Cut | undefined,
): Promise<AuxiliaryCounts> {
  const pairs = await db.number(`SELECT count(*) FROM unique_pairs WHERE b = ${b}`);
  const held = `ANTI JOIN (SELECT u, i FROM behavior_${target} WHERE part > 0) USING (u, i)`;
  const kept = resolved.keepLeakage ? "" : held;
  const earlier = cut && !resolved.keepLeakage ? `AND NOT ${isLater(cut)}` : "";
  await db.run(
    `CREATE TABLE behavior_${b} AS SELECT u, i, t, v, 0::UTINYINT AS part FROM unique_pairs ${kept} WHERE b = ${b} ${earlier}`,
  );
  const train = await db.number(`SELECT count(*) FROM behavior_${b}`);
  return { raw, pairs, leaked: pairs - train, train };
}

/** What became of the pairs. */
export interface MadePairs {
  readonly counts: Readonly<Record<string, BehaviorCounts>>;
  /** The moments that part everything, if the split is by time. */
  readonly cut: Cut | undefined;
}

/**
 * Makes a table `behavior_<b>` (u, i, t, v, part) of unique pairs over dense ids for every behaviour. A pair's time is its
 * first. Its value is the latest one there is: of rows at the same time, or without one, the greatest; a row without a value
 * never takes another's away.
 */
export async function makePairs(context: Context, staged: Staged, target: number, split: Split): Promise<MadePairs> {
  const { db } = context;
  const raw = new Map(
    (await db.rows(`SELECT b, count(*) FROM ${staged.raw} GROUP BY b`)).map(([b, n]) => [Number(b), Number(n)]),
  );
  const latest = "max({'t': coalesce(t, '-infinity'::DOUBLE), 'v': v}) FILTER (v IS NOT NULL)";
  const value = staged.valued ? `(${latest}).v` : "NULL";
  context.progress("split", "unique pairs");
  await db.run(`CREATE TABLE unique_pairs AS SELECT b, users.id AS u, items.id AS i, CAST(min(t) AS DOUBLE) AS t, CAST(${value} AS DOUBLE) AS v
    FROM ${staged.raw} r JOIN users ON users.key = r.u JOIN items ON items.key = r.i GROUP BY b, users.id, items.id`);
  if (split.kind === "time" && staged.timed) await needTimes(context, "unique_pairs", split);
  const { parts, cut } = await partsOf(
    context,
    staged,
    `(SELECT u, i, t, v FROM unique_pairs WHERE b = ${target})`,
    split,
  );
  context.progress("split", `the target, ${staged.behaviors[target]}`);
  await db.run(`CREATE TABLE behavior_${target} AS SELECT u, i, t, v, part FROM ${parts}`);
  const splitAll = context.resolved.splitAll === true;
  if (splitAll) await partAll(context, staged, target, { split, cut });
  const auxiliary = (b: number, read: number): Promise<BehaviorCounts> =>
    splitAll ? splitAuxiliary(context, b, read) : makeAuxiliary(context, b, target, read, cut);
  const counts: [string, BehaviorCounts][] = [];
  for (const [b, name] of staged.behaviors.entries()) {
    const read = raw.get(b) ?? 0;
    context.progress("split", name);
    counts.push([name, await (b === target ? countTarget(context, b, name, read) : auxiliary(b, read))]);
  }
  if (splitAll) await db.run("DROP TABLE pair_parts");
  await db.run("DROP TABLE unique_pairs");
  return { counts: record(counts), cut };
}
