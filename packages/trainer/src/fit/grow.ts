import type { EngineSnapshot } from "../engine/contract.js";

/**
 * Arrays of a smaller engine with room for the rows that tables have gained: `fresh`, an engine's of the larger model before its first step,
 * gives their values. Start values are drawn row by row, so that a table which grows is, bit by bit, the one that had been as large from the
 * beginning and whose later rows nothing had touched. Arrays of other sizes than these are left for the restoring to refuse.
 */
export function grownArrays(
  held: EngineSnapshot["arrays"],
  fresh: EngineSnapshot["arrays"],
  tables: readonly string[],
): EngineSnapshot["arrays"] {
  const ofTable = (key: string): boolean => tables.some((name) => key.endsWith(`/${name}`));
  return new Map(
    [...held].map(([key, values]) => {
      const start = fresh.get(key);
      if (start === undefined || start.length <= values.length || !ofTable(key)) return [key, values];
      const grown = start.slice();
      grown.set(values);
      return [key, grown];
    }),
  );
}
