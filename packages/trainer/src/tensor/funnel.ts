import { softplus } from "@gradpool/models";

/**
 * log p and log(1 − p) of p = Πₖ σ(zₖ). The complement step by step: 1 − p σ(z) = (1 − p) + p (1 − σ(z)), each part as the
 * logarithm that it is, which for two is logsumexp(−a, −c, −a−c) − softplus(−a) − softplus(−c).
 */
export function complement(z: ArrayLike<number>): { readonly logP: number; readonly logRest: number } {
  let logP = 0;
  let logRest = -Infinity;
  for (let k = 0; k < z.length; k++) {
    const at = z[k] as number;
    logRest = logAdd(logRest, logP - softplus(at));
    logP -= softplus(-at);
  }
  return { logP, logRest };
}

/** log(eᵃ + eᵇ). */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

/** The logit of Πₖ σ(zₖ), row by row. */
export function productLogits(outputs: readonly Float32Array[]): Float32Array {
  if (outputs.length === 1) return outputs[0] as Float32Array;
  const z = new Float64Array(outputs.length);
  return (outputs[0] as Float32Array).map((_, r) => {
    outputs.forEach((of, k) => (z[k] = of[r] as number));
    const { logP, logRest } = complement(z);
    return logP - logRest;
  });
}
