import type { FloatArray } from "@gradpool/core";
import type { Block, Chance, EncoderInput, GraphOps, Matrix, NodeList } from "./contract.js";

export type NgcfForm = "official" | "paper" | "recbole";

const leak = 0.2;

export interface NgcfBackward {
  readonly input: EncoderInput;
  /** What the forward pass read. */
  readonly x: Block;
  readonly only: NodeList;
  readonly chance: Chance | null;
  /** Arrives at the unit rows of `only` from Z. */
  readonly own: Block;
  /** Arrives at the layer's output from the layer above, a row per node; null: there is none. */
  readonly above: Block | null;
  /** To be written: what arrives at x, a row per node. */
  readonly below: Block;
  readonly gradient: (variable: string) => FloatArray;
}

export interface NgcfLayer {
  readonly width: number;
  /** Unit rows, of the nodes that the forward pass was asked for. */
  readonly unit: Block;
  /** What the next layer reads. */
  readonly output: Block;
  forward(input: EncoderInput, x: Block, only: NodeList | null, chance: Chance | null): void;
  backward(pass: NgcfBackward): void;
}

interface LayerParts {
  readonly ops: GraphOps;
  readonly form: NgcfForm;
  readonly index: number;
  readonly inner: number;
  readonly width: number;
  /** Six blocks that hold nothing between calls. */
  readonly scratch: readonly Block[];
}

/** One layer, in the form that `form` names; see `ngcf`. */
export function ngcfLayer({ ops, form, index, inner, width, scratch }: LayerParts): NgcfLayer {
  const official = form === "official";
  /** P x or S x; x' after dropout; its unit rows and one over its lengths; lrelu(lin1) and lrelu(lin2), `official` only. */
  const [message, made, unit, inverse] = [ops.block(), ops.block(), ops.block(), ops.block()];
  const halves = official ? ([ops.block(), ops.block()] as const) : null;
  const [a, b, c, d, e, f] = scratch as [Block, Block, Block, Block, Block, Block];
  const names = { sum: `sum.${index}`, bi: `bi.${index}` };
  const stored = (values: FloatArray, transposed: boolean): Matrix => ({ values, transposed });

  /** The rows of x that the messages belong to. */
  function rowsOf(x: Block, only: NodeList | null, into: Block): Block {
    if (only === null) return x;
    ops.gather(x, only, into);
    return into;
  }

  /** y = x Wᵀ, plus what `start` says. */
  function linear(input: EncoderInput, x: Block, name: string, out: Block, start: FloatArray | "add"): void {
    ops.product(x, stored(input.weight(`${name}.w`), true), out, start);
  }

  /** d loss / d x of that, and the weights' gradients. */
  function linearBack(pass: NgcfBackward, y: Block, x: Block, name: string, out: Block): void {
    out.shape(y.rows, inner);
    const w = pass.gradient(`${name}.w`).fill(0);
    const bias = pass.gradient(`${name}.b`).fill(0);
    ops.outer(y, x, w);
    ops.columnSums(y, bias);
    ops.product(y, stored(pass.input.weight(`${name}.w`), false), out);
  }

  function outer(input: EncoderInput, own: Block): void {
    const { rows } = message;
    ops.multiply(own, message, b);
    if (halves !== null) {
      const [left, right] = halves;
      linear(input, message, names.sum, left.shape(rows, width), input.weight(`${names.sum}.b`));
      linear(input, b, names.bi, right.shape(rows, width), input.weight(`${names.bi}.b`));
      ops.leaky(left, left, leak, left);
      ops.leaky(right, right, leak, right);
      return ops.add(left, right, made);
    }
    ops.add(own, message, c);
    linear(input, c, names.sum, made.shape(rows, width), input.weight(`${names.sum}.b`));
    linear(input, b, names.bi, d.shape(rows, width), input.weight(`${names.bi}.b`));
    ops.add(made, d, made);
    ops.leaky(made, made, leak, made);
  }

  /** What arrives at x' before dropout: rows of all nodes, or of `only` in the last layer. */
  function arrivingAt({ only, own, above, chance }: NgcfBackward): Block {
    if (above === null) {
      ops.unitBack(own, unit, inverse, a);
    } else if (form === "recbole") {
      // The next layer read the unit rows.
      ops.addRows(own, only, above);
      ops.unitBack(above, unit, inverse, a);
    } else {
      ops.gather(unit, only, b);
      ops.gather(inverse, only, c);
      ops.unitBack(own, b, c, a);
      ops.addRows(a, only, above);
    }
    const arriving = above === null || form === "recbole" ? a : above;
    if (chance !== null) ops.drop(arriving, above === null ? only : null, chance);
    return arriving;
  }

  /** From x' to the layer's input: `toX` what arrives at its rows, `toMessage` at the messages. */
  function throughLinear(pass: NgcfBackward, arriving: Block, own: Block, toX: Block, toMessage: Block): void {
    ops.multiply(own, message, b);
    if (halves !== null) {
      ops.leaky(halves[0], arriving, leak, d);
      linearBack(pass, d, message, names.sum, toMessage);
      ops.leaky(halves[1], arriving, leak, d);
      linearBack(pass, d, b, names.bi, a);
      ops.multiply(a, message, toX);
      ops.multiply(a, own, toMessage, true);
      return;
    }
    ops.leaky(made, arriving, leak, d);
    linearBack(pass, d, b, names.bi, a);
    ops.add(own, message, b);
    linearBack(pass, d, b, names.sum, toMessage);
    ops.multiply(a, message, toX);
    ops.add(toX, toMessage, toX);
    ops.multiply(a, own, toMessage, true);
  }

  return {
    width,
    unit,
    output: form === "recbole" ? unit : made,
    forward(input, x, only, chance) {
      ops.propagate(x, message, { only });
      outer(input, rowsOf(x, only, a));
      if (chance !== null) ops.drop(made, only, chance);
      ops.unit(made, unit, inverse);
    },
    backward(pass) {
      const { x, only, above, below } = pass;
      const last = above === null;
      const arriving = arrivingAt(pass);
      const own = rowsOf(x, last ? only : null, c);
      throughLinear(pass, arriving, own, e, f);
      if (!last) return ops.propagate(f, below, { base: e, transposed: true });
      ops.fill(below.shape(ops.nodes, inner), 0);
      ops.spread(f, only, below);
      ops.addRows(e, only, below);
    },
  };
}
