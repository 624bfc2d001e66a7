import type { ForwardContext, Tensor, TensorOps } from "@gradpool/models";
import type { GateUse } from "../engine/contract.js";

/** How the gates of one step mix experts. */
export interface GateBook {
  readonly note: ForwardContext["gate"];
  /** Mean weights over the rows. Call it while the step's tensors live. */
  read(): readonly GateUse[];
}

/** `listening`: somebody reads this step's diagnostics. */
export function gateBook(tf: TensorOps, listening: boolean): GateBook {
  const seen: { readonly reader: string; readonly experts: readonly string[]; readonly weights: Tensor }[] = [];
  return {
    note(reader, experts, weights) {
      if (listening) seen.push({ reader, experts, weights });
    },
    read: () =>
      seen.map(({ reader, experts, weights }) => ({
        reader,
        experts,
        weights: Float64Array.from(tf.mean(weights, 0).dataSync()),
      })),
  };
}
