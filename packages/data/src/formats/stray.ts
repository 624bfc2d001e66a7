import { problem } from "../errors.js";
import { name } from "../tables/duck.js";
import type { Reading } from "./reader.js";

/** Words for taking something back: who returns a thing has not liked it, and nobody would rank by it unasked. */
const undone =
  /^(un|de)?(refund|return|cancel|revoke|remov|delet|unlik|dislik|unfollow|unfav|unsubscrib|uninstall|chargeback|block|hide|skip|report)/i;

const most = 64;

/** The behaviours that a column of the rows names: those asked for, or all, and which of them nobody would ask for. */
export async function behaviorsIn(
  reading: Reading,
  table: string,
  column: string,
  called: string,
): Promise<{ readonly behaviors: readonly string[]; readonly stray: readonly string[] }> {
  const { behaviors: asked } = reading.options;
  const rows = await reading.db.rows(
    `SELECT ${name(column)} AS b FROM ${name(table)} GROUP BY b ORDER BY b LIMIT ${Array.isArray(asked) ? 250 : most + 1}`,
  );
  const behaviors = rows.map(([b]) => String(b));
  if (behaviors.length > most && !Array.isArray(asked)) {
    const remedy = "name the column that tells view from purchase, or the `behaviors` to keep";
    throw problem("usage", `the behavior column holds more than ${most} names`, `columns, behavior=${called}`, remedy);
  }
  return { behaviors, stray: behaviors.filter((behavior) => undone.test(behavior)) };
}
