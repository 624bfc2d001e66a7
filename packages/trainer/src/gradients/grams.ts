import { allocateGramSet, type GramSet, type Granularity, unitRows } from "@gradpool/core";
import type { Layout } from "./layout.js";
import type { GradientPart } from "./part.js";

type Detail = "norms" | "gram";

/** The Grams of joined parts, computed when asked for, and once. */
export function gramsOf(
  parts: readonly GradientPart[],
  present: readonly boolean[],
  layout: Layout,
): (granularity: Granularity, detail?: Detail) => GramSet {
  const held = new Map<string, GramSet>();
  return (granularity, detail = "gram") => {
    const known = held.get(`${granularity}:gram`) ?? held.get(`${granularity}:${detail}`);
    if (known !== undefined) return known;
    const set = (detail === "norms" && normsOf(parts, present, layout, granularity)) || compute(granularity, detail);
    held.set(`${granularity}:${detail}`, set);
    return set;
  };

  function compute(granularity: Granularity, detail: Detail): GramSet {
    const raws = parts.map((part) => part.gram(granularity === "row" ? "row" : "parameter", detail));
    const set = allocateGramSet(granularity, present.length, present, layout.blocks(granularity), detail);
    const square = present.length ** 2;
    let group = 0;
    for (const raw of granularity === "model" ? [added(raws, square)] : raws)
      for (let from = 0; from < raw.length; from += square) unitRows(raw, present.length, group++, set, from);
    return set;
  }
}

/** The norms of rows, where the one part has a short cut to them. */
function normsOf(
  parts: readonly GradientPart[],
  present: readonly boolean[],
  layout: Layout,
  granularity: Granularity,
): GramSet | undefined {
  const [part] = parts;
  const norms = granularity === "row" && parts.length === 1 ? (part?.norms?.("row") ?? null) : null;
  if (norms === null) return undefined;
  const tasks = present.length;
  const blocks = layout.blocks("row");
  return { granularity, tasks, present, blocks, size: norms.length / tasks, norms, cosines: new Float64Array(0) };
}

/** Σ of all groups' raw inner products. */
function added(raws: readonly Float64Array[], square: number): Float64Array {
  const sum = new Float64Array(square);
  for (const raw of raws)
    for (let k = 0; k < raw.length; k++) sum[k % square] = (sum[k % square] as number) + (raw[k] as number);
  return sum;
}
