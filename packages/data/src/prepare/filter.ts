import { problem } from "../errors.js";
import type { Staged } from "../formats/reader.js";
import { byKey, heldKeys, numberKeys } from "./after.js";
import type { Context } from "./context.js";

/** The target's position among the behaviours; a name that is not there lists those that are. Taken unasked, it says why. */
export function targetIndex({ note }: Context, staged: Staged, wanted: string | undefined): number {
  const { behaviors } = staged;
  const [target, why] =
    wanted !== undefined
      ? [wanted, undefined]
      : staged.target !== undefined
        ? [staged.target, "this format's own"]
        : behaviors.includes("buy")
          ? ["buy", "it is called so"]
          : [behaviors[0], behaviors.length === 1 ? "the only behaviour" : `the first of ${behaviors.join(", ")}`];
  const index = behaviors.indexOf(target ?? "");
  if (index < 0) {
    if (staged.impressions?.tasks.some(({ name }) => name === target)) throw labelAsTarget(target ?? "", behaviors);
    throw problem("usage", `there is no behaviour "${target}"`, "target", `give one of ${behaviors.join(", ")}`);
  }
  if (why !== undefined) note(`the target is ${target}: ${why}`);
  return index;
}

/** A label of rows is something to learn; what is split are pairs, which behaviours have. */
function labelAsTarget(label: string, behaviors: readonly string[]): Error {
  const what = `${label} is a label of the rows, and the target is a behaviour, whose pairs are split`;
  const remedy = `leave \`target\` out, or give ${behaviors.join(", ")}; what is learnt first is said in training: gradpool train --target ${label}`;
  return problem("usage", what, "target", remedy);
}

/**
 * Drops rows of `pairs` (u, i) until every user has `minUser` items and every item `minItem` users, or just once with
 * both counts taken on all pairs. The fixed point is unique: it is the largest set that satisfies both.
 */
async function thin(context: Context, minUser: number, minItem: number): Promise<void> {
  const { db, resolved } = context;
  let left = await db.number("SELECT count(*) FROM pairs");
  for (let round = 1; left > 0; round++) {
    context.progress("filter", `pass ${round}: ${left} pairs`);
    await db.run(`CREATE OR REPLACE TABLE thinner AS SELECT u, i FROM pairs
      SEMI JOIN (SELECT u FROM pairs GROUP BY u HAVING count(*) >= ${minUser}) USING (u)
      SEMI JOIN (SELECT i FROM pairs GROUP BY i HAVING count(*) >= ${minItem}) USING (i)`);
    await db.run("DROP TABLE pairs; ALTER TABLE thinner RENAME TO pairs");
    const now = await db.number("SELECT count(*) FROM pairs");
    if (now === left || resolved.passes === "once") return;
    left = now;
  }
}

/**
 * Decides who stays and numbers them: tables `users` and `items` with `id` (0 …) and `key`, in the order of the keys
 * (numbers as numbers). `core` counts unique pairs over all behaviours, `minUser` and `minItem` unique target pairs.
 * With both, the core comes first. Without any filter everybody in any behaviour stays.
 */
export async function filterAndNumber(context: Context, staged: Staged, target: number): Promise<void> {
  const { db } = context;
  const { core, minUser, minItem } = context.resolved;
  // Whoever was only ever shown things belongs to the set as well; 255 is no behaviour's number.
  let rows = staged.impressions
    ? `(SELECT b, u, i FROM ${staged.raw} UNION ALL SELECT 255 AS b, u, i FROM ${staged.impressions.relation})`
    : staged.raw;
  if (core > 0) {
    context.progress("filter", `core ${core}`);
    await db.run(`CREATE TABLE pairs AS SELECT DISTINCT u, i FROM ${rows}`);
    await thin(context, core, core);
    await db.run("CREATE TABLE core_users AS SELECT DISTINCT u FROM pairs");
    await db.run("CREATE TABLE core_items AS SELECT DISTINCT i FROM pairs; DROP TABLE pairs");
    rows = `(SELECT * FROM ${rows} SEMI JOIN core_users USING (u) SEMI JOIN core_items USING (i))`;
  }
  if (minUser > 0 || minItem > 0) {
    await db.run(`CREATE TABLE pairs AS SELECT DISTINCT u, i FROM ${rows} WHERE b = ${target}`);
    await thin(context, minUser, minItem);
    // A limit of 0 leaves its side free: such a user or item may have no target pair at all.
    if (minUser > 0 && minItem > 0) rows = "pairs";
    else if (minUser > 0) rows = `(SELECT * FROM ${rows} SEMI JOIN (SELECT DISTINCT u FROM pairs) USING (u))`;
    else rows = `(SELECT * FROM ${rows} SEMI JOIN (SELECT DISTINCT i FROM pairs) USING (i))`;
  }
  context.progress("filter", "numbering users and items");
  for (const [table, column] of [
    ["users", "u"],
    ["items", "i"],
  ] as const) {
    const held = heldKeys(context, context.after?.manifest.tables[table]);
    const keys = `(SELECT DISTINCT ${column} AS key FROM ${rows})`;
    await numberKeys(context, { table, keys, held, first: 0, order: byKey("BIGINT") });
  }
  if ((await db.number(`SELECT count(*) FROM (SELECT 1 FROM ${rows} LIMIT 1)`)) === 0) {
    if (minUser === 0 && minItem === 0 && core === 0) {
      const remedy = "check that these are the right files, and that more than a header is in them";
      throw problem("invalid-input", "the files hold no row", context.resolved.format, remedy);
    }
    const where = `\`minUser\` ${minUser}, \`minItem\` ${minItem}, \`core\` ${core}`;
    throw problem("failed", "the filters leave nothing", where, "lower `minUser`, `minItem` or `core`");
  }
}
