import type { Tensor, TensorOps } from "@gradpool/models";
import type { Constant, DenseGraph, Dtype, KernelCall, Value } from "./contract.js";

/** Rows while tracing: a prime that is no layer's width, so that a size that it divides is one of rows. */
export const tracedRows = 1013;

/** Constants of a forward pass are scalars and the like, and may be gone when it is over. */
const keptSize = 64;

type RunKernel = (name: string, inputs: Record<string, Tensor>, attributes?: object) => Tensor | Tensor[];

/** What a traced computation is made of. */
export interface Named {
  readonly name: string;
  readonly tensor: Tensor;
  /** Where not the tensor's with rows found in it. */
  readonly shape?: readonly number[];
}

export interface Traced {
  readonly inputs: readonly Named[];
  readonly weights: readonly Named[];
  readonly outputs: readonly Named[];
}

/**
 * Runs `compute` once, and answers with the kernels that led from its inputs and weights to its outputs. What it computes must not
 * depend on the values: no model's forward pass does.
 */
export function traceGraph(tf: TensorOps, compute: () => Traced): DenseGraph {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const made = new Map<
    number,
    { readonly kernel: string; readonly inputs: Tensor[]; readonly attributes: object; readonly output: Tensor }
  >();
  const small = new Map<number, Constant["values"]>();
  const run: RunKernel = engine.runKernel.bind(engine);
  return tf.tidy("trace", () => {
    engine.runKernel = (kernel, inputs, attributes = {}) => {
      const answer = run(kernel, inputs, attributes);
      const read = Object.values(inputs);
      for (const tensor of read)
        if (tensor.size <= keptSize && !made.has(tensor.id)) small.set(tensor.id, tensor.dataSync());
      // No writer knows kernels with several outputs: by such a name they are refused.
      [answer].flat().forEach((output, k, all) => {
        made.set(output.id, { kernel: all.length === 1 ? kernel : `${kernel}:${k}`, inputs: read, attributes, output });
      });
      return answer;
    };
    try {
      return graphOf(compute(), made, small) as never;
    } finally {
      delete (engine as { runKernel?: RunKernel }).runKernel;
    }
  }) as unknown as DenseGraph;
}

type Calls = ReadonlyMap<
  number,
  { readonly kernel: string; readonly inputs: readonly Tensor[]; readonly attributes: object; readonly output: Tensor }
>;

/** The calls that the outputs need, each after what it reads. */
function graphOf(
  { inputs, weights, outputs }: Traced,
  made: Calls,
  small: ReadonlyMap<number, Constant["values"]>,
): DenseGraph {
  const values = new Map<number, Value>();
  const constants: Constant[] = [];
  const calls: KernelCall[] = [];
  for (const { name, tensor, shape } of inputs) values.set(tensor.id, valueOf(name, tensor, shape));
  for (const { name, tensor } of weights) values.set(tensor.id, constant(name, tensor));

  function constant(name: string, tensor: Tensor): Constant {
    const value = {
      name,
      dtype: tensor.dtype as Dtype,
      shape: tensor.shape,
      values: small.get(tensor.id) ?? tensor.dataSync(),
    };
    constants.push(value);
    return value;
  }

  function need(tensor: Tensor): Value {
    const held = values.get(tensor.id);
    if (held !== undefined) return held;
    const call = made.get(tensor.id);
    let value: Value;
    if (call === undefined) value = constant(`constant_${constants.length}`, tensor);
    else {
      const read = call.inputs.map(need);
      value = valueOf(`${call.kernel}_${calls.length}`, tensor);
      calls.push({ kernel: call.kernel, inputs: read, output: value, attributes: { ...call.attributes } });
    }
    values.set(tensor.id, value);
    return value;
  }

  const results = outputs.map(({ name, tensor }) => {
    const value = valueOf(name, tensor);
    calls.push({ kernel: "Identity", inputs: [need(tensor)], output: value, attributes: {} });
    return value;
  });
  const used = new Set(calls.flatMap((call) => call.inputs.map(({ name }) => name)));
  return {
    inputs: inputs.map(({ tensor }) => values.get(tensor.id) as Value),
    constants: constants.filter(({ name }) => used.has(name)),
    calls,
    outputs: results,
  };
}

const valueOf = (name: string, { dtype, shape }: Tensor, given?: readonly number[]): Value => ({
  name,
  dtype: dtype as Dtype,
  shape: given ?? shape.map((size) => (size % tracedRows === 0 ? -1 : size)),
});
