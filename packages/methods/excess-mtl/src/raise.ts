import type { PackedRows } from "@gradpool/core";

export interface ExcessMtlOptions {
  /** η > 0, default 0.01 (LibMTL; TorchJD 1). */
  readonly stepSize: number;
  /** n ≥ 0: the base is the mean of a task's first n; 0 (default): its first. Weights stay in those steps. */
  readonly warmup: number;
  readonly sum: "T" | "one";
  /** `raw`: as TorchJD, whose first step moves weights by e itself, and so by the gradients' scale. */
  readonly first: "baseline" | "raw";
  readonly eps: number;
  readonly baseEps: number;
}

export interface ExcessMtlState {
  /** √S of dense parameters: T × size. */
  readonly roots: Readonly<Record<string, Float64Array>>;
  /** √S of touched table rows: T × width each. */
  readonly rows: Readonly<Record<string, PackedRows>>;
  /** Logarithms of weights of sum 1. */
  readonly logs: Float64Array;
  /** Sums and counts of e; the base is their quotient once there are enough. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export interface Raised {
  readonly weights: Float64Array;
  readonly ratios: number[];
  readonly state: Pick<ExcessMtlState, "logs" | "sums" | "counts">;
}

/** The weights of the tasks in `index`, moved by their excess. */
export function raise(
  index: readonly number[],
  excess: readonly number[],
  state: ExcessMtlState,
  { stepSize, warmup, sum, first, baseEps }: ExcessMtlOptions,
): Raised {
  const logs = state.logs.slice();
  const sums = state.sums.slice();
  const counts = state.counts.slice();
  const needed = Math.max(1, warmup);
  const mass = logSum(index.map((i) => logs[i] as number));
  const ratios = index.map((i, a) => {
    const e = excess[a] as number;
    if ((counts[i] as number) < needed) {
      sums[i] = (sums[i] as number) + e;
      counts[i] = (counts[i] as number) + 1;
      return first === "raw" && warmup === 0 ? e : NaN;
    }
    return Math.min(Number.MAX_VALUE, e / ((sums[i] as number) / needed + baseEps));
  });
  const moved = index.map(
    (i, a) => (logs[i] as number) + (Number.isNaN(ratios[a]) ? 0 : stepSize * (ratios[a] as number)),
  );
  const total = logSum(moved);
  const weights = Float64Array.from(moved, (log) => (sum === "T" ? index.length : 1) * Math.exp(log - total));
  index.forEach((i, a) => (logs[i] = (moved[a] as number) - total + mass));
  return { weights, ratios, state: { logs, sums, counts } };
}

function logSum(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}
