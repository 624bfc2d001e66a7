import type { Side } from "./side.js";
import type { StepFigure, StepShape, Workload } from "./types.js";

export interface Schedule {
  /** Timed steps of each side. */
  readonly steps: number;
  readonly warmup: number;
  /** Steps of one side before it is the next one's turn. */
  readonly block: number;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
};

const round = (value: number): number => Math.round(value * 100) / 100;

/**
 * Lets the sides take turns, a block of steps each, so that whatever else the machine does falls on all of them alike.
 * One figure per side, in their order.
 */
export async function compare(
  sides: readonly Side[],
  workload: Workload,
  shape: StepShape,
  { steps, warmup, block }: Schedule,
  progress: (done: number) => void,
): Promise<readonly StepFigure[]> {
  const times: number[][] = sides.map(() => []);
  const rss = sides.map(() => 0);
  for (const side of sides) if (warmup > 0) await side.run(warmup);
  for (let done = 0; done < steps; done += block) {
    for (const [k, side] of sides.entries()) {
      const result = await side.run(Math.min(block, steps - done));
      (times[k] as number[]).push(...result.times);
      rss[k] = result.rssMb;
      progress((times[k] as number[]).length);
    }
  }
  return sides.map(({ method, ready }, k) => {
    const own = times[k] as number[];
    const middle = median(own);
    return {
      library: ready.library,
      backend: ready.backend,
      workload: workload.name,
      method,
      level: ready.level,
      medianMs: round(middle),
      minMs: round(Math.min(...own)),
      samplesPerSecond: Math.round((ready.samples / middle) * 1000),
      peakRssMb: rss[k] as number,
      ...workload.shapeOf(shape),
    };
  });
}

/** Rows of the table: each figure with its ratio to our first equal-weights one and to the fastest fitting peer. */
export function rowsOf(figures: readonly StepFigure[], workload: Workload): readonly (readonly string[])[] {
  const own = figures.find(({ library, method }) => library === "gradpool" && method.startsWith("ew"));
  const theirs = figures.filter(({ library }) => library !== "gradpool");
  const times = (value: number, base: number | undefined): string =>
    base === undefined || !Number.isFinite(base) ? "" : (value / base).toFixed(3);
  return figures.map((figure) => {
    const ours = figure.library === "gradpool";
    const beside = ours ? theirs.filter(({ method }) => workload.peers(figure.method).includes(method)) : [];
    return [
      figure.library,
      figure.backend,
      figure.method,
      figure.level,
      figure.medianMs.toFixed(2),
      figure.minMs.toFixed(2),
      String(figure.samplesPerSecond),
      String(figure.peakRssMb),
      ours ? times(figure.medianMs, own?.medianMs) : "",
      times(figure.medianMs, Math.min(...beside.map(({ medianMs }) => medianMs))),
    ];
  });
}

export const head: readonly string[] = [
  "library",
  "backend",
  "method",
  "level",
  "median ms",
  "min ms",
  "samples/s",
  "peak MB",
  "/ our ew",
  "/ peer",
];
