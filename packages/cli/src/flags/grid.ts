import { splitPools } from "@gradpool/registry";
import { usageError } from "../terminal/errors.js";

/** `lr=0.01,0.001` as a grid's entry, under the name as written; values that read as numbers become numbers. */
export function gridOfFlags(flags: readonly string[]): Record<string, (number | string)[]> {
  const grid: Record<string, (number | string)[]> = {};
  for (const flag of flags) {
    const [, name = "", list = ""] = /^([a-z][\w-]*)=(.*)$/i.exec(flag) ?? [];
    const values = splitPools(list).map((value) => (Number.isNaN(Number(value)) ? value : Number(value)));
    if (name === "" || values.length === 0)
      throw usageError(`cannot read ${flag}`, "--grid", "write name=value,value,…");
    if (name in grid) throw usageError(`${name} is given twice`, "--grid", "give all of its values at once");
    grid[name] = values;
  }
  return grid;
}
