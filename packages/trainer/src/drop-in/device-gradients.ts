import { type Combined, type FloatArray, GradpoolError } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import type { GradientPart } from "../gradients/part.js";

/** Numbers that crossed between the device and the host. */
export interface Crossings {
  toHost: number;
  toDevice: number;
}

/** One variable that the pool sees. */
export interface Shared {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

export interface DeviceGradients {
  readonly gradients: JoinedGradients;
  /** The combined gradient of each variable, on the device. */
  resolve(combined: Combined): Tensor[];
}

/** Several tasks' gradients of some variables as one matrix on the device, [tasks present, size]. */
interface Block {
  readonly name: string;
  readonly variables: readonly number[];
  readonly size: number;
  readonly rows: Tensor;
  /** Largest |coordinate| per row: rows are divided by it before they are multiplied, so that no square over- or underflows. */
  readonly scale: Tensor;
}

/**
 * Task gradients that stay where they are. A Gram is one product of a matrix with its transpose there, of which the T × T
 * numbers (and T scales) are read; a combination is one product with the weights. `together`: all variables in one matrix, for
 * pools of model granularity; else one per variable.
 */
export function deviceGradients(
  tf: TensorOps,
  shared: readonly Shared[],
  perTask: readonly (readonly (Tensor | null)[] | null)[],
  together: boolean,
  crossed: Crossings,
): DeviceGradients {
  const present = perTask.map((gradients) => gradients !== null);
  const here = present.flatMap((p, t) => (p ? [t] : []));
  const tasks = present.length;
  const flat = (t: number, k: number): Tensor => {
    const gradient = perTask[t]?.[k];
    const { size } = shared[k] as Shared;
    return gradient === null || gradient === undefined ? tf.zeros([size]) : tf.reshape(gradient, [size]);
  };
  const blockOf = (name: string, variables: readonly number[]): Block => {
    const rows = tf.stack(here.map((t) => join(variables.map((k) => flat(t, k)))));
    const size = variables.reduce((sum, k) => sum + (shared[k] as Shared).size, 0);
    return { name, variables, size, rows, scale: tf.max(tf.abs(rows), 1, true) };
  };
  const join = (parts: Tensor[]): Tensor => (parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts));
  const all = shared.map((_, k) => k);
  const blocks = together ? [blockOf("shared", all)] : shared.map(({ name }, k) => blockOf(name, [k]));

  function read(tensor: Tensor): Float32Array {
    crossed.toHost += tensor.size;
    return tensor.dataSync() as Float32Array;
  }

  /** Raw inner products in float64, T × T per block; absent tasks keep 0. */
  function gram(): Float64Array {
    const n = here.length;
    const products = tf.tidy(() =>
      join(
        blocks.flatMap(({ rows, scale }) => {
          const unit = tf.divNoNan(rows, scale);
          return [tf.reshape(tf.matMul(unit, unit, false, true), [n * n]), tf.reshape(scale, [n])];
        }),
      ),
    );
    const numbers = read(products);
    products.dispose();
    const out = new Float64Array(blocks.length * tasks * tasks);
    blocks.forEach((block, b) => {
      const at = b * (n * n + n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const value =
            (numbers[at + i * n + j] as number) *
            (numbers[at + n * n + i] as number) *
            (numbers[at + n * n + j] as number);
          if (!Number.isFinite(value)) throw notFinite(block.name, here[i] as number);
          out[(b * tasks + (here[i] as number)) * tasks + (here[j] as number)] = value;
        }
      }
    });
    return out;
  }

  const part: GradientPart = {
    tasks,
    parameters: blocks.map(({ name, size }) => ({ name, kind: "dense", size, width: 1 })),
    gram,
    values(name) {
      const block = blocks.find((candidate) => candidate.name === name) as Block;
      const numbers = read(block.rows);
      return present.map((p, t): FloatArray => {
        const row = here.indexOf(t);
        return p ? numbers.subarray(row * block.size, (row + 1) * block.size) : new Float32Array(block.size);
      });
    },
  };
  const gradients = joinParts([part], present);

  return {
    gradients,
    resolve(combined) {
      const out: Tensor[] = [];
      for (const { name, variables, size, rows } of blocks) {
        const cut = gradients.weightsOf(combined, name);
        let vector: Tensor;
        if (cut === null) {
          crossed.toDevice += size;
          vector = tf.tensor1d(Float32Array.from(combined.value(name)));
        } else {
          const weights = here.map((t) => cut.weights[t] as number);
          crossed.toDevice += weights.length;
          vector = tf.reshape(tf.matMul(tf.tensor2d([weights]), rows as never), [size]);
        }
        const sizes = variables.map((k) => (shared[k] as Shared).size);
        const pieces = sizes.length === 1 ? [vector] : tf.split(vector, sizes);
        variables.forEach((k, p) => (out[k] = tf.reshape(pieces[p] as Tensor, [...(shared[k] as Shared).shape])));
      }
      return out;
    },
  };
}

function notFinite(parameter: string, task: number): GradpoolError {
  return new GradpoolError({
    code: "non-finite",
    what: "a gradient is not finite",
    where: `task ${task}, ${parameter}`,
    remedy: "look for an overflow or a division by zero in that task's loss, or lower the learning rate",
  });
}
