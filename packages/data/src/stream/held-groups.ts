import { createRandom } from "@gradpool/core";
import { problem } from "../errors.js";
import { below } from "../samplers/draw.js";
import type { HoldOut } from "../samplers/engine.js";
import type { RowGroup } from "../set/row-groups.js";

/**
 * The groups of one side of a held-out share: whole ones, chosen by the seed alone, until they have that share of the rows; one at least is on
 * either side. Rows that stand together in the files are on one side together.
 */
export function heldGroups(
  groups: readonly RowGroup[],
  { share, part, seed = 1 }: HoldOut,
  name: string,
): readonly RowGroup[] {
  if (!(share > 0 && share < 1))
    throw problem("invalid-option", `holdOut.share is ${share}`, name, "give a number between 0 and 1");
  if (groups.length < 2) {
    const remedy = "write the rows in more row groups or files, or read them into memory";
    throw problem("invalid-input", `the rows are one row group, of which no share can be held out`, name, remedy);
  }
  const left = [...groups.keys()];
  const random = createRandom(seed, 0x68656c64);
  const wanted = share * groups.reduce((sum, { rows }) => sum + rows, 0);
  const held = new Set<number>();
  for (let rows = 0; rows < wanted && left.length > 1;) {
    const [group = 0] = left.splice(below(random, left.length), 1);
    held.add(group);
    rows += groups[group]?.rows ?? 0;
  }
  return groups.filter((_, k) => held.has(k) === (part === "held"));
}
