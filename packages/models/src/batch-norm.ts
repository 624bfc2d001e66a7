import type * as tfjs from "@tensorflow/tfjs-core";
import { kernels } from "./kernels.js";
import type { Activation } from "./layers.js";
import type { StatisticSpec, VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorModel, TensorOps, Tensors } from "./contract/tensor.js";

/** Beside the variance: torch's, TensorFlow's layers have 1e-3. */
const epsilon = 1e-5;

/** How much of a batch goes into the running statistics: torch's `momentum`. */
const share = 0.1;

/** What a layer calls its normalisation: `<layer>.norm.weight`, `.bias`, and beside them the running statistics. */
const suffixes = {
  scale: ".norm.weight",
  shift: ".norm.bias",
  mean: ".norm.running_mean",
  variance: ".norm.running_var",
};

/** Scale (1) and shift (0) of a layer's outputs. */
export function normSpecs(layer: string, width: number, owner: string | null, module: string): VariableSpec[] {
  const spec = (suffix: string, value: number): VariableSpec => ({
    name: layer + suffix,
    shape: [width],
    init: { kind: "constant", value },
    owner,
    module,
  });
  return [spec(suffixes.scale, 1), spec(suffixes.shift, 0)];
}

/** Variables, and the running statistics that belong to the normalised layers among them. */
export function withStatistics(
  variables: readonly VariableSpec[],
): Pick<TensorModel, "variables"> & Pick<TensorModel, "statistics"> {
  const statistics = variables.flatMap(({ name, shape, owner, place }): StatisticSpec[] => {
    if (!name.endsWith(suffixes.scale)) return [];
    const layer = name.slice(0, -suffixes.scale.length);
    const at = { shape, place: place ?? (owner === null ? "trunk" : "heads") };
    return [
      { name: layer + suffixes.mean, start: 0, ...at },
      { name: layer + suffixes.variance, start: 1, ...at },
    ];
  });
  return statistics.length === 0 ? { variables } : { variables, statistics };
}

/**
 * γ (x − μ) / √(σ² + 1e-5) + β, column by column, then ReLU if asked for (Ioffe & Szegedy 2015). In training μ and σ² are the
 * batch's (σ² over the rows, not rows − 1), and gradients go through them; the running statistics move a tenth of the way to
 * them (to the variance over rows − 1), as in torch. Elsewhere, and for a batch of one row, which has no variance, μ and σ²
 * are the running ones.
 */
export function batchNorm(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  layer: string,
  activation: Activation,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  const [scale, shift, mean, variance] = Object.values(suffixes).map((suffix) => variables[layer + suffix]) as [
    tfjs.Tensor1D,
    tfjs.Tensor1D,
    tfjs.Tensor1D,
    tfjs.Tensor1D,
  ];
  const [rows] = x.shape;
  if (!context.training) {
    const factor = tf.div(scale, tf.sqrt(tf.add(variance, epsilon)));
    const y = tf.add<tfjs.Tensor2D>(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
    return activation === "relu" ? tf.relu(y) : y;
  }
  if (rows === 1) return normalised(tf, x, { scale, shift }, { mean, variance, moving: false }, activation);
  const batch = momentsOf(tf, x);
  context.observe(layer + suffixes.mean, batch.mean, share);
  context.observe(layer + suffixes.variance, tf.mul(batch.variance, rows / (rows - 1)), share);
  return normalised(tf, x, { scale, shift }, { ...batch, moving: true }, activation);
}

interface Moments {
  readonly mean: tfjs.Tensor1D;
  readonly variance: tfjs.Tensor1D;
}

/** In two passes: float32 has no room for Σx² − (Σx)². */
function momentsOf(tf: TensorOps, x: tfjs.Tensor2D): Moments {
  const mean = tf.mean<tfjs.Tensor1D>(x, 0);
  return { mean, variance: tf.mean<tfjs.Tensor1D>(tf.square(tf.sub(x, mean)), 0) };
}

/** `moving`: mean and variance are x's own, so that its gradient goes through them as well. */
function normalised(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  { scale, shift }: { readonly scale: tfjs.Tensor1D; readonly shift: tfjs.Tensor1D },
  { mean, variance, moving }: Moments & { readonly moving: boolean },
  activation: Activation,
): tfjs.Tensor2D {
  const k = kernels(tf);
  const inverse = tf.rsqrt(tf.add(variance, epsilon)) as tfjs.Tensor1D;
  const layer = tf.customGrad((...inputs) => {
    const [a, g, b, save] = inputs as unknown as [tfjs.Tensor2D, tfjs.Tensor1D, tfjs.Tensor1D, tfjs.GradSaveFunc];
    const unit = tf.mul<tfjs.Tensor2D>(tf.sub(a, mean), inverse);
    const sum = k.addBias(tf.mul(unit, g), b);
    const y = activation === "relu" ? k.relu(sum) : sum;
    save(activation === "relu" ? [unit, g, y] : [unit, g]);
    return {
      value: y,
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) =>
        tf.tidy(() => {
          const [unit, g, y] = saved as [tfjs.Tensor2D, tfjs.Tensor1D, tfjs.Tensor2D | undefined];
          const d = (y === undefined ? dy : k.reluGradient(dy, y)) as tfjs.Tensor2D;
          const dShift = k.columnSum(d);
          const dScale = k.columnSum(tf.mul(d, unit));
          const [rows] = unit.shape;
          const own = moving ? tf.sub(tf.sub(d, tf.div(dShift, rows)), tf.mul(unit, tf.div(dScale, rows))) : d;
          return [tf.mul(own, tf.mul(g, inverse)), dScale, dShift];
        }),
    };
  });
  return layer(x, scale, shift) as tfjs.Tensor2D;
}
