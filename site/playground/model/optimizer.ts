/** The update rules of the playground; names and defaults as in PyTorch. */
export const optimizers = ["sgd", "adam"] as const;
export type OptimizerName = (typeof optimizers)[number];

/** Moves a point against a gradient, in place. */
export type Update = (point: number[], gradient: readonly number[]) => void;

/** SGD: p ← p − η g. Adam (Kingma and Ba 2015): β = 0.9, 0.999, ε = 1e-8, with bias correction. */
export function createUpdate(name: OptimizerName, size: number, learningRate: number): Update {
  if (name === "sgd")
    return (point, gradient) => gradient.forEach((g, k) => (point[k] = (point[k] as number) - learningRate * g));
  const [mean, spread] = [new Float64Array(size), new Float64Array(size)];
  let step = 0;
  return (point, gradient) => {
    step++;
    const [first, second] = [1 - 0.9 ** step, 1 - 0.999 ** step];
    gradient.forEach((g, k) => {
      const m = (mean[k] = 0.9 * (mean[k] as number) + 0.1 * g);
      const v = (spread[k] = 0.999 * (spread[k] as number) + 0.001 * g * g);
      point[k] = (point[k] as number) - (learningRate * m) / first / (Math.sqrt(v / second) + 1e-8);
    });
  };
}
