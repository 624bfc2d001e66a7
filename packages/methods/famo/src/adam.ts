export interface AdamState {
  readonly logits: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly steps: number;
}

/** One Adam step (β 0.9 and 0.999, ε 1e-8 against slopes of logits, which have no unit). Kingma & Ba 2015, algorithm 1. */
export function adam(state: AdamState, slope: Float64Array, learningRate: number): AdamState {
  const steps = state.steps + 1;
  const first = state.first.map((m, i) => 0.9 * m + 0.1 * (slope[i] as number));
  const second = state.second.map((v, i) => 0.999 * v + 0.001 * (slope[i] as number) ** 2);
  const logits = state.logits.map((logit, i) => {
    const m = (first[i] as number) / (1 - 0.9 ** steps);
    const v = (second[i] as number) / (1 - 0.999 ** steps);
    return logit - (learningRate * m) / (Math.sqrt(v) + 1e-8);
  });
  return { logits, first, second, steps };
}
