export type NormTarget = "max" | "median" | "mean" | "min";

/** The common norm of some positive norms; 0 of none. */
export const targets: Readonly<Record<NormTarget, (norms: Float64Array) => number>> = {
  max: (norms) => norms.reduce((a, b) => Math.max(a, b), 0),
  min: (norms) => (norms.length === 0 ? 0 : norms.reduce((a, b) => Math.min(a, b), Infinity)),
  mean: (norms) => norms.reduce((sum, norm) => sum + norm / norms.length, 0),
  median(norms) {
    const sorted = norms.slice().sort();
    const middle = (sorted.length - 1) / 2;
    return sorted.length === 0
      ? 0
      : (sorted[Math.floor(middle)] as number) / 2 + (sorted[Math.ceil(middle)] as number) / 2;
  },
};
