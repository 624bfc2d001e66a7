import { problem } from "../../open/errors.js";
import type { KernelCall } from "./contract.js";

/** A node of ONNX; `constants` are inputs that are whole numbers, after `inputs`. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly integers?: Readonly<Record<string, number | readonly number[]>>;
  readonly constants?: readonly (readonly number[])[];
}

type Write = (call: KernelCall) => readonly OnnxNode[];

const names = ({ inputs }: KernelCall): string[] => inputs.map(({ name }) => name);

/** A kernel with a node of its own, of the same meaning. */
const plain =
  (op: string): Write =>
  (call) => [{ op, inputs: names(call), output: call.output.name }];

const attribute = <T>({ attributes }: KernelCall, name: string): T => attributes[name] as T;

const whole = 2 ** 53;

/** Sizes that are rows are asked of the data: ONNX takes one −1 for them. */
const reshape: Write = (call) => {
  const { shape } = call.output;
  if (shape.filter((size) => size < 0).length > 1) throw unsupported("Reshape of several unknown sizes");
  return [{ op: "Reshape", inputs: names(call), output: call.output.name, constants: [shape] }];
};

const writers: Readonly<Record<string, Write>> = {
  Add: plain("Add"),
  Sub: plain("Sub"),
  Multiply: plain("Mul"),
  RealDiv: plain("Div"),
  Maximum: plain("Max"),
  Minimum: plain("Min"),
  Relu: plain("Relu"),
  Sigmoid: plain("Sigmoid"),
  Tanh: plain("Tanh"),
  Exp: plain("Exp"),
  Log: plain("Log"),
  Neg: plain("Neg"),
  Sqrt: plain("Sqrt"),
  Identity: plain("Identity"),
  IsNan: plain("IsNaN"),
  Greater: plain("Greater"),
  GreaterEqual: plain("GreaterOrEqual"),
  Select: plain("Where"),
  Reshape: reshape,
  ExpandDims: reshape,
  ZerosLike: (call) => [
    { op: "Shape", inputs: names(call), output: `${call.output.name}_shape` },
    { op: "ConstantOfShape", inputs: [`${call.output.name}_shape`], output: call.output.name },
  ],
  Square: (call) => [{ op: "Mul", inputs: [...names(call), ...names(call)], output: call.output.name }],
  Softmax: (call) => [{ op: "Softmax", inputs: names(call), output: call.output.name, integers: { axis: -1 } }],
  BatchMatMul: matMul,
  Concat: (call) => [
    { op: "Concat", inputs: names(call), output: call.output.name, integers: { axis: attribute(call, "axis") } },
  ],
  Transpose: (call) => [
    { op: "Transpose", inputs: names(call), output: call.output.name, integers: { perm: attribute(call, "perm") } },
  ],
  GatherV2: (call) => [
    { op: "Gather", inputs: names(call), output: call.output.name, integers: { axis: attribute(call, "axis") } },
  ],
  Cast: (call) => [
    { op: "Cast", inputs: names(call), output: call.output.name, integers: { to: elementType(call.output.dtype) } },
  ],
  Sum: (call) => {
    const rank = call.inputs[0]?.shape.length ?? 0;
    const axis = attribute<number | readonly number[] | undefined>(call, "axis") ?? [...Array(rank).keys()];
    const keepdims = attribute<boolean | undefined>(call, "keepDims") === true ? 1 : 0;
    const constants = [[axis].flat()];
    return [{ op: "ReduceSum", inputs: names(call), output: call.output.name, integers: { keepdims }, constants }];
  },
  Slice: (call) => {
    const begin = attribute<readonly number[]>(call, "begin");
    // To the end where all is taken, however many rows there are.
    const ends = begin.map((from, axis) => {
      const size = call.output.shape[axis] as number;
      return size < 0 ? whole : from + size;
    });
    return [{ op: "Slice", inputs: names(call), output: call.output.name, constants: [begin, ends] }];
  },
  Pack: (call) => {
    const axis = attribute<number>(call, "axis");
    const raised = call.inputs.map(({ name }, k): OnnxNode => {
      return { op: "Unsqueeze", inputs: [name], output: `${call.output.name}_${k}`, constants: [[axis]] };
    });
    const joined = {
      op: "Concat",
      inputs: raised.map(({ output }) => output),
      output: call.output.name,
      integers: { axis },
    };
    return [...raised, joined];
  },
};

function matMul(call: KernelCall): readonly OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const sides = call.inputs.map(({ name, shape }, k) => {
    if (attribute<boolean>(call, k === 0 ? "transposeA" : "transposeB") !== true) return name;
    const perm = shape.map((_, axis) => axis);
    perm.splice(-2, 2, perm.length - 1, perm.length - 2);
    const output = `${call.output.name}_${k}`;
    nodes.push({ op: "Transpose", inputs: [name], output, integers: { perm } });
    return output;
  });
  return [...nodes, { op: "MatMul", inputs: sides, output: call.output.name }];
}

/** ONNX's numbers for element types. Whole numbers are 64 bits wide, as other programs hand ids over. */
export const elementType = (dtype: string): number => ({ float32: 1, int32: 7, bool: 9 })[dtype] ?? 1;

/** The nodes of a kernel. Error `unsupported` for one that no model of ours uses. */
export function onnxNodes(call: KernelCall): readonly OnnxNode[] {
  const write = writers[call.kernel];
  if (write === undefined) throw unsupported(call.kernel);
  return write(call);
}

const unsupported = (kernel: string): Error =>
  problem(
    "unsupported",
    `the model uses ${kernel}, which is not written as ONNX`,
    "export",
    "export it as safetensors",
  );
