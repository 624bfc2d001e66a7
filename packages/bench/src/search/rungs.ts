/** A stage of successive halving: how many points are in it, and how many epochs each has had at its end. */
export interface Rung {
  readonly points: number;
  readonly epochs: number;
}

/** How many times fewer points, and more epochs, the next stage has. */
const halvingBy = 3;

/**
 * The stages of successive halving over `points` points of `epochs` epochs: all of them for a short time, the best third for three times
 * as long, and so on, until one or few have had all epochs. Each stage ends with an evaluation: its epochs are multiples of `every`.
 * Source: Jamieson & Talwalkar, Non-stochastic best arm identification (2016), algorithm 1, with trials that go on instead of beginning anew.
 */
export function rungsOf(points: number, epochs: number, every: number): readonly Rung[] {
  const stages = Math.max(0, Math.floor(Math.log(Math.min(points, epochs / every)) / Math.log(halvingBy) + 1e-9));
  const rungs: Rung[] = [];
  for (let stage = 0; stage <= stages; stage++) {
    const share = halvingBy ** (stages - stage);
    const own = Math.max(1, Math.round(epochs / share / every)) * every;
    rungs.push({
      points: Math.max(1, Math.floor(points / halvingBy ** stage)),
      epochs: stage === stages ? epochs : Math.min(epochs, own),
    });
  }
  return rungs;
}

/** Epochs that one contender's search costs, since a trial goes on where the stage before left it. */
export const epochsOf = (rungs: readonly Rung[]): number =>
  rungs.reduce((sum, { points, epochs }, k) => sum + points * (epochs - (rungs[k - 1]?.epochs ?? 0)), 0);
