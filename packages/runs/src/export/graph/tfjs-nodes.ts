import { problem } from "../../open/errors.js";
import type { Dtype, KernelCall, Value } from "./contract.js";

/** An attribute in the JSON form of TensorFlow's NodeDef. */
export type Attribute =
  | { readonly type: string }
  | { readonly b: boolean }
  | { readonly i: string }
  | { readonly shape: { readonly dim: readonly { readonly size: string }[] } };

/** A node of TensorFlow; `constants` are inputs of whole numbers after `inputs`, lists or single ones. */
export interface TfjsNode {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly constants?: readonly (number | readonly number[])[];
}

type Write = (call: KernelCall) => TfjsNode;

/** A kernel with an op of its own, of the same meaning. */
const plain =
  (op: string): Write =>
  ({ inputs, output }) => ({ op, inputs, output });

const attribute = <T>({ attributes }: KernelCall, name: string): T => attributes[name] as T;

const flag = (value: unknown): Attribute => ({ b: value === true });

/** The one size that may be rows is asked of the data: −1. */
const reshape: Write = ({ inputs, output }) => {
  if (output.shape.filter((size) => size < 0).length > 1) throw unsupported("Reshape of several unknown sizes");
  return { op: "Reshape", inputs, output, constants: [output.shape] };
};

const writers: Readonly<Record<string, Write>> = {
  Add: plain("AddV2"),
  Sub: plain("Sub"),
  Multiply: plain("Mul"),
  RealDiv: plain("RealDiv"),
  Maximum: plain("Maximum"),
  Minimum: plain("Minimum"),
  Relu: plain("Relu"),
  Sigmoid: plain("Sigmoid"),
  Tanh: plain("Tanh"),
  Exp: plain("Exp"),
  Log: plain("Log"),
  Neg: plain("Neg"),
  Sqrt: plain("Sqrt"),
  Square: plain("Square"),
  Softmax: plain("Softmax"),
  Identity: plain("Identity"),
  IsNan: plain("IsNan"),
  Greater: plain("Greater"),
  GreaterEqual: plain("GreaterEqual"),
  Select: plain("SelectV2"),
  ZerosLike: plain("ZerosLike"),
  Reshape: reshape,
  ExpandDims: reshape,
  BatchMatMul: (call) => ({
    op: "BatchMatMulV2",
    inputs: call.inputs,
    output: call.output,
    attributes: { adj_x: flag(call.attributes["transposeA"]), adj_y: flag(call.attributes["transposeB"]) },
  }),
  Concat: (call) => ({
    op: "ConcatV2",
    inputs: call.inputs,
    output: call.output,
    attributes: { N: { i: String(call.inputs.length) } },
    constants: [attribute<number>(call, "axis")],
  }),
  Transpose: (call) => ({
    op: "Transpose",
    inputs: call.inputs,
    output: call.output,
    constants: [attribute<readonly number[]>(call, "perm")],
  }),
  GatherV2: (call) => ({
    op: "GatherV2",
    inputs: call.inputs,
    output: call.output,
    constants: [attribute<number>(call, "axis")],
  }),
  Cast: (call) => ({
    op: "Cast",
    inputs: call.inputs,
    output: call.output,
    attributes: { DstT: { type: typeNames[call.output.dtype] } },
  }),
  Sum: (call) => {
    const rank = call.inputs[0]?.shape.length ?? 0;
    const axis = attribute<number | readonly number[] | undefined>(call, "axis") ?? [...Array(rank).keys()];
    return {
      op: "Sum",
      inputs: call.inputs,
      output: call.output,
      attributes: { keep_dims: flag(call.attributes["keepDims"]) },
      constants: [[axis].flat()],
    };
  },
  Slice: (call) => ({
    op: "Slice",
    inputs: call.inputs,
    output: call.output,
    // To the end where all rows are taken, however many there are.
    constants: [attribute<readonly number[]>(call, "begin"), call.output.shape.map((size) => Math.max(size, -1))],
  }),
  Pack: (call) => ({
    op: "Pack",
    inputs: call.inputs,
    output: call.output,
    attributes: { axis: { i: String(attribute<number>(call, "axis")) }, N: { i: String(call.inputs.length) } },
  }),
};

/** TensorFlow's names for element types. */
export const typeNames: Readonly<Record<Dtype, string>> = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL" };

/** The node of a kernel. Error `unsupported` for one that no model of ours uses. */
export function tfjsNode(call: KernelCall): TfjsNode {
  const write = writers[call.kernel];
  if (write === undefined) throw unsupported(call.kernel);
  return write(call);
}

const unsupported = (kernel: string): Error =>
  problem(
    "unsupported",
    `the model uses ${kernel}, which is not written for TensorFlow.js`,
    "export",
    "export it as safetensors",
  );
