import type { ContenderSummary } from "../results/types.js";

/** A pool whose options are swept, as a label: `metabalance(relax={relax})` is `metabalance(relax=…)`. */
export const elided = (pool: string): string => pool.replaceAll(/\{[^{}]+\}/g, "…");

/** The label as people read it once values are chosen: of a swept pool the pool itself, `metabalance(relax=0.7)`. */
export const nameAt = ({ label, pool }: Pick<ContenderSummary, "label" | "pool">): string =>
  label.includes("…") && !pool.includes("{") ? pool : label;
