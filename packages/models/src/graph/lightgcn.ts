import type { Initializer } from "../model.js";
import { fraction, positive } from "../options.js";
import type { Block, EncoderRun, GraphEncoder, GraphOps } from "./contract.js";
import { type GraphModelOptions, graphModel } from "./model.js";
import type { GraphModel } from "./model-type.js";
import { natural } from "./options.js";

export interface LightGcnOptions extends GraphModelOptions {
  /** Width of an embedding. Default 64. */
  readonly dim?: number;
  /** L: how many hops a row reaches. Default 3; 0 is matrix factorisation. */
  readonly layers?: number;
  /** λ of the batch's ego rows. Default 1e-4. */
  readonly l2?: number;
  /** Default 0. */
  readonly edgeDropout?: number;
  /** Default N(0, 0.1), as LightGCN-PyTorch's. */
  readonly init?: Initializer;
}

/**
 * LightGCN (He et al. 2020): Z = (E0 + S E0 + … + S^L E0) / (L + 1), S = D^-½ A D^-½, score(u, i) = ⟨Z[u], Z[i]⟩. The tables
 * are its only weights. L2: λ / (2B) times the squared rows of E0 that a batch reads.
 *
 * @throws GradpoolError `invalid-option` for options outside their range.
 */
export function lightgcn(options: LightGcnOptions): GraphModel {
  const { dim = 64, layers = 3, edgeDropout = 0, l2 = 1e-4, init = { kind: "normal", std: 0.1 } } = options;
  positive("lightgcn", { dim });
  natural("lightgcn", "layers", layers);
  fraction("lightgcn", "edgeDropout", edgeDropout);
  return graphModel({
    ...options,
    dim,
    encoder: lightgcnEncoder({ dim, layers, edgeDropout }),
    decay: { weight: l2, of: "ego" },
    init: () => init,
  });
}

interface Shape {
  readonly dim: number;
  readonly layers: number;
  readonly edgeDropout: number;
}

function lightgcnEncoder(shape: Shape): GraphEncoder {
  const { dim, layers, edgeDropout } = shape;
  return {
    name: "lightgcn",
    options: { dim, layers, edgeDropout },
    width: dim,
    normalisation: "symmetric",
    edgeDropout,
    variables: [],
    make: (ops) => passes(ops, shape),
  };
}

/**
 * By Horner's rule, s ← E0 + S s, L times: L products and two blocks. S is symmetric, so backward is the same map; the last
 * product forward, and the first one backward, are needed for the batch's nodes only.
 */
function passes(ops: GraphOps, { dim, layers }: Shape): EncoderRun {
  const spare = ops.block();
  const other = ops.block();
  return {
    forward({ ego }, only, out) {
      if (layers === 0) {
        if (only === null) ops.paste(ego, out.shape(ops.nodes, dim), 0);
        else ops.gather(ego, only, out);
        return;
      }
      let s = ego;
      for (let k = 1; k < layers; k++) {
        const next = s === spare ? other : spare;
        ops.propagate(s, next, { base: ego });
        s = next;
      }
      ops.propagate(s, out, { base: ego, scale: 1 / (layers + 1), only });
    },
    backward(_input, only, g, ego) {
      ops.scale(g, 1 / (layers + 1));
      const zeros = (block: Block): Block => {
        ops.fill(block.shape(ops.nodes, dim), 0);
        return block;
      };
      // The last of the products is to land in `ego`.
      let s = zeros(layers % 2 === 0 && layers > 0 ? spare : ego);
      if (layers > 0) ops.spread(g, only, s);
      ops.addRows(g, only, s);
      for (let k = 1; k < layers; k++) {
        const next = s === ego ? spare : ego;
        ops.propagate(s, next);
        ops.addRows(g, only, next);
        s = next;
      }
    },
  };
}
