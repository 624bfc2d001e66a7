import type { Contender, TrialSpec } from "../results/types.js";

/**
 * A label as people read it: `metabalance(relax={relax})` at relax 0.7 is `metabalance(relax=0.7)`. What is not chosen yet, or
 * takes several values, is `…`.
 */
export function labelAt(label: Contender["label"], point: TrialSpec["point"] = {}): string {
  return label.replaceAll(/\{([^{}]+)\}/g, (_, name: string) =>
    Object.hasOwn(point, name) ? String(point[name]) : "…",
  );
}
