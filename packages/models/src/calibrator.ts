import type { Regularizer } from "./contract/tensor.js";
import { sigmoid } from "./ops.js";

/**
 * α Σ over steps t > 1 of mean max(0, pₜ − pₜ₋₁): a later step of a funnel may not be likelier than an earlier one (AITM). The
 * subgradient at 0 is 0. Mean over the rows.
 */
export function calibrator(heads: readonly string[], weight: number): Regularizer {
  return {
    name: "calibrator",
    loss(outputs, gradients) {
      let total = 0;
      for (let t = 1; t < heads.length; t++) {
        const [before, after] = [heads[t - 1] as string, heads[t] as string];
        const [za, zb] = [outputs[before] as Float32Array, outputs[after] as Float32Array];
        const [ga, gb] = [gradients[before] as Float32Array, gradients[after] as Float32Array];
        const scale = weight / za.length;
        for (let r = 0; r < za.length; r++) {
          const [pa, pb] = [sigmoid(za[r] as number), sigmoid(zb[r] as number)];
          if (!(pb > pa)) continue;
          total += scale * (pb - pa);
          ga[r] = (ga[r] as number) - scale * pa * (1 - pa);
          gb[r] = (gb[r] as number) + scale * pb * (1 - pb);
        }
      }
      return total;
    },
  };
}
