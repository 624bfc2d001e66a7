import { GradpoolError } from "@gradpool/core";
import type { Initializer, VariableSpec } from "../contract/parameters.js";
import { fraction, positive } from "../options.js";
import type { Block, Chance, EncoderInput, EncoderRun, GraphEncoder, GraphOps, NodeList } from "./contract.js";
import { type GraphModelOptions, graphModel } from "./model.js";
import type { GraphModel } from "./model-type.js";
import { type NgcfForm, type NgcfLayer, ngcfLayer } from "./ngcf-layer.js";

export interface NgcfOptions extends GraphModelOptions {
  /**
   * The three published forms, P = (D + I)⁻¹ (A + I) and S = D^-½ A D^-½:
   * - `paper` (default): x' = lrelu(lin1(x + S x) + lin2(x ∘ S x));
   * - `official` (the authors' code): x' = lrelu(lin1(P x)) + lrelu(lin2(x ∘ P x));
   * - `recbole`: as `paper`, and unit rows go on to the next layer.
   */
  readonly form?: NgcfForm;
  /** Width of an embedding. Default 64. */
  readonly dim?: number;
  /** Widths of the layers. Default 64, 64, 64. */
  readonly layers?: readonly number[];
  /** Default 0.1. Of a layer's output, before its unit rows. */
  readonly messageDropout?: number;
  /** Default 0. The papers call it node dropout. */
  readonly edgeDropout?: number;
  /** λ of the batch's rows of Z. Default 1e-5. */
  readonly l2?: number;
  /** Start values of tables and weights. Default Xavier's uniform, `recbole`: Xavier's normal. Biases start at 0. */
  readonly init?: Initializer;
}

interface Shape {
  readonly form: NgcfForm;
  /** d0 … dL. */
  readonly sizes: readonly number[];
  readonly messageDropout: number;
  readonly edgeDropout: number;
}

/**
 * NGCF (Wang et al. 2019): Z = [x0, unit(x1), …, unit(xL)], score(u, i) = ⟨Z[u], Z[i]⟩, unit(v) = v / max(‖v‖, 1e-12), leak 0.2.
 * Its variables are `sum.<k>.w`, `sum.<k>.b` (lin1) and `bi.<k>.w`, `bi.<k>.b` (lin2) of layer k from 0 on. L2:
 * λ / (2B) times the squared rows of Z that a batch reads.
 *
 * @throws GradpoolError `invalid-option` for options outside their range.
 */
export function ngcf(options: NgcfOptions): GraphModel {
  const { form = "paper", dim = 64, layers = [64, 64, 64], messageDropout = 0.1, edgeDropout = 0, l2 = 1e-5 } = options;
  if (form !== "paper" && form !== "official" && form !== "recbole") throw unknownForm(form);
  positive("ngcf", { dim, ...Object.fromEntries(layers.map((width, k) => [`layers[${k}]`, width])) });
  fraction("ngcf", "messageDropout", messageDropout);
  fraction("ngcf", "edgeDropout", edgeDropout);
  const init = (rows: number, columns: number): Initializer =>
    options.init ??
    (form === "recbole" ? { kind: "normal", std: Math.sqrt(2 / (rows + columns)) } : { kind: "xavier" });
  const shape = { form, sizes: [dim, ...layers], messageDropout, edgeDropout };
  return graphModel({
    ...options,
    dim,
    encoder: ngcfEncoder(shape, init),
    decay: { weight: l2, of: "encoded" },
    init: (rows) => init(rows, dim),
  });
}

const unknownForm = (form: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-option",
    what: `form is ${form}`,
    where: "ngcf",
    remedy: "give official, paper or recbole",
  });

function ngcfEncoder(shape: Shape, init: (rows: number, columns: number) => Initializer): GraphEncoder {
  const { form, sizes, messageDropout, edgeDropout } = shape;
  const [dim, ...layers] = sizes as [number, ...number[]];
  return {
    name: "ngcf",
    options: { form, dim, layers, messageDropout, edgeDropout },
    width: sizes.reduce((sum, size) => sum + size, 0),
    normalisation: form === "official" ? "self-loops" : "symmetric",
    edgeDropout,
    variables: layers.flatMap((width, k) => variablesOf(k, sizes[k] as number, width, init)),
    make: (ops) => passes(ops, shape),
  };
}

function variablesOf(
  k: number,
  inner: number,
  width: number,
  init: (rows: number, columns: number) => Initializer,
): VariableSpec[] {
  return ["sum", "bi"].flatMap((kind): VariableSpec[] => [
    { name: `${kind}.${k}.w`, shape: [width, inner], init: init(width, inner), owner: null },
    { name: `${kind}.${k}.b`, shape: [width], init: { kind: "constant", value: 0 }, owner: null },
  ]);
}

function passes(ops: GraphOps, { form, sizes, messageDropout }: Shape): EncoderRun {
  const shared = { ops, form, scratch: Array.from({ length: 6 }, () => ops.block()) };
  const layers = sizes
    .slice(1)
    .map((width, k): NgcfLayer => ngcfLayer({ ...shared, index: k, inner: sizes[k] as number, width }));
  /** Where in Z the unit rows of layer k begin. */
  const starts = sizes.map((_, k) => sizes.slice(0, k).reduce((sum, size) => sum + size, 0));
  const part = ops.block();
  const arriving = [ops.block(), ops.block()] as const;
  const chanceOf = (input: EncoderInput, k: number): Chance | null => input.chance(messageDropout, k);

  /** Rows of `only`, or all there are, into the columns of Z from `to` on. */
  function pasteRows(x: Block, only: NodeList | null, out: Block, to: number): void {
    if (only === null) return ops.paste(x, out, to);
    ops.gather(x, only, part);
    ops.paste(part, out, to);
  }

  return {
    forward(input, only, out) {
      const rows = only?.count ?? ops.nodes;
      out.shape(
        rows,
        sizes.reduce((sum, size) => sum + size, 0),
      );
      pasteRows(input.ego, only, out, 0);
      let x = input.ego;
      layers.forEach((layer, k) => {
        // Nobody reads the last layer but the batch.
        const last = k === layers.length - 1;
        layer.forward(input, x, last ? only : null, chanceOf(input, k));
        pasteRows(layer.unit, last ? null : only, out, starts[k + 1] as number);
        x = layer.output;
      });
    },
    backward(input, only, g, ego, gradient) {
      let above: Block | null = null;
      for (let k = layers.length - 1; k >= 0; k--) {
        const layer = layers[k] as NgcfLayer;
        const x = k === 0 ? input.ego : (layers[k - 1] as NgcfLayer).output;
        ops.cut(g, starts[k + 1] as number, part.shape(only.count, layer.width));
        const below = (k === 0 ? ego : arriving[k % 2]) as Block;
        layer.backward({ input, x, only, chance: chanceOf(input, k), own: part, above, below, gradient });
        above = below;
      }
      if (above === null) ops.fill(ego.shape(ops.nodes, sizes[0] as number), 0);
      ops.cut(g, 0, part.shape(only.count, sizes[0] as number));
      ops.addRows(part, only, ego);
    },
  };
}
