import { median, medianInterval } from "./quantiles.js";
import type { Side } from "./side.js";
import type { Ratio, StepFigure, StepShape, StepSpec, Workload } from "./types.js";

export interface Schedule {
  /** Timed steps of each side. */
  readonly steps: number;
  readonly warmup: number;
  /** Steps of one side before it is the next one's turn. */
  readonly block: number;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/**
 * Lets the sides take turns, a block of steps each, so that whatever else the machine does falls on all of them alike; who
 * begins moves on by one from round to round. One figure per side, in their order.
 */
export async function compare(
  sides: readonly Side[],
  workload: Workload,
  { shape, clock, model, pairs }: Pick<StepSpec, "shape" | "clock" | "model" | "pairs">,
  { steps, warmup, block }: Schedule,
  progress: (done: number) => void,
): Promise<readonly StepFigure[]> {
  const times: number[][] = sides.map(() => []);
  const rounds: number[][] = sides.map(() => []);
  const rss = sides.map(() => 0);
  for (const side of sides) if (warmup > 0) await side.run(warmup);
  for (let done = 0, begins = 0; done < steps; done += block, begins++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const k = (turn + begins) % sides.length;
      const result = await (sides[k] as Side).run(Math.min(block, steps - done));
      (times[k] as number[]).push(...result.times);
      (rounds[k] as number[]).push(result.times.reduce((sum, time) => sum + time, 0));
      rss[k] = result.rssMb;
    }
    progress(Math.min(done + block, steps));
  }
  /** The side among ours that k is compared to: equal weights on its backend, or its method on another. */
  const fellow = (k: number, fits: (side: Side, own: Side) => boolean): number =>
    sides.findIndex((side) => side.ready.library === ours && fits(side, sides[k] as Side));
  const sizes = Object.fromEntries(workload.sizes.map((size): [keyof StepShape, number] => [size, shape[size]]));
  return sides.map(({ method, ready }, k) => {
    const own = times[k] as number[];
    const middle = median(own);
    const ew = fellow(k, (side, { ready: mine }) => isOurEw(side) && (mine.library !== ours || side.ready.backend === mine.backend)); // prettier-ignore
    const first = ready.library === ours ? fellow(k, (side) => side.method === method) : -1;
    return {
      library: ready.library,
      backend: ready.backend,
      workload: workload.name,
      method,
      level: ready.level,
      clock,
      medianMs: round(middle),
      minMs: round(Math.min(...own)),
      samplesPerSecond: Math.round((ready.samples / middle) * 1000),
      peakRssMb: rss[k] as number,
      ...(ew < 0 || k === ew ? {} : { overEw: paired(rounds[k] as number[], rounds[ew] as number[]) }),
      ...(first < 0 || k === first ? {} : { overFirst: paired(rounds[k] as number[], rounds[first] as number[]) }),
      ...beside(k),
      ...(model === undefined ? {} : { model }),
      ...(pairs === undefined ? sizes : { ...without(sizes, ["users", "items", "edges"]), pairs }),
      ...workload.about,
    };
  });

  /** Our side k over each fitting method of the peer. */
  function beside(k: number): Pick<StepFigure, "overPeers"> {
    const { method, ready } = sides[k] as Side;
    if (ready.library !== ours) return {};
    const names = workload.peers(method);
    const ratios = sides.flatMap((peer, p): [string, Ratio][] =>
      peer.ready.library !== ours && names.includes(peer.method)
        ? [[peer.method, paired(rounds[k] as number[], rounds[p] as number[])]]
        : [],
    );
    return ratios.length === 0 ? {} : { overPeers: Object.fromEntries(ratios) };
  }
}

const without = (sizes: Readonly<Record<string, number>>, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(Object.entries(sizes).filter(([name]) => !names.includes(name)));

const ours = "gradpool";
const isOurEw = ({ method, ready }: Side): boolean => ready.library === ours && method.startsWith("ew");

/**
 * What a step takes over a step of another side in the same round: a machine that is slow for a while is so for both, which the
 * quotient of two medians does not know.
 */
export function paired(own: readonly number[], base: readonly number[]): Ratio {
  const ratios = own.map((time, k) => time / (base[k] as number));
  const [low, high] = medianInterval(ratios);
  const digits = (value: number): number => Math.round(value * 10_000) / 10_000;
  return { median: digits(median(ratios)), low: digits(low), high: digits(high) };
}

/** Rows of the table: each figure with its paired ratios to our equal weights and to the fitting peers (median, 95 % interval). */
export function rowsOf(figures: readonly StepFigure[]): readonly (readonly string[])[] {
  return figures.map((figure) => [
    figure.library,
    figure.backend,
    figure.method,
    figure.level,
    figure.medianMs.toFixed(2),
    figure.minMs.toFixed(2),
    String(figure.samplesPerSecond),
    String(figure.peakRssMb),
    figure.overEw === undefined ? "" : showPaired(figure.overEw),
    figure.overFirst === undefined ? "" : showPaired(figure.overFirst),
    Object.entries(figure.overPeers ?? {})
      .map(([method, ratio]) => `${method} ${showPaired(ratio)}`)
      .join("\n"),
  ]);
}

export const showPaired = ({ median, low, high }: Ratio): string =>
  `${median.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;

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
  "/ first",
  "/ peer",
];
