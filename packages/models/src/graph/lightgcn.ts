import type { Initializer } from "../contract/parameters.js";
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
 * By Horner's rule, s ← E0 + S s, L times: L products. S is symmetric, so backward is the same map; the last
 * product forward, and the first one backward, are needed for the batch's nodes only.
 */
function passes(ops: GraphOps, { dim, layers }: Shape): EncoderRun {
  const [first, spare, held] = [ops.productBlock(), ops.productBlock(), ops.productBlock()];
  const other = (block: Block): Block => (block === spare ? first : spare);
  return {
    backFromAny: true,
    forward({ ego }, only, out) {
      if (layers === 0) {
        if (only === null) ops.copy(ego, out);
        else ops.gather(ego, only, out);
        return;
      }
      let s = ego;
      if (layers > 1) ops.copy(ego, (s = held));
      for (let k = 1; k < layers; k++) {
        ops.propagate(s, other(s), { base: held });
        s = other(s);
      }
      ops.propagate(s, out, { base: ego, scale: 1 / (layers + 1), only });
    },
    backward(_input, only, g, ego) {
      ops.scale(g, 1 / (layers + 1));
      let s = layers > 1 ? first : ego;
      ops.fill(s.shape(ops.nodes, dim), 0);
      if (layers > 0) ops.spread(g, only, s);
      ops.addRows(g, only, s);
      for (let k = 1; k < layers; k++) {
        const next = k === layers - 1 ? ego : other(s);
        ops.propagate(s, next);
        ops.addRows(g, only, next);
        s = next;
      }
    },
  };
}
