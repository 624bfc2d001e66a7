import type { Constant, DenseGraph, Value } from "./contract.js";
import { elementType, type OnnxNode, onnxNodes } from "./onnx-nodes.js";
import { message } from "./proto.js";

/** The version of ONNX's operators that is written, and of its file format. */
const opset = 17;
const irVersion = 8;

/** A model in ONNX's file format (onnx/onnx.proto3): a batch of any size, opset 17. */
export function onnxModel(graph: DenseGraph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const integers: Uint8Array[] = [];
  const nodes = graph.calls.flatMap(onnxNodes).map((node) => nodeOf(node, integers));
  const body = message(
    ...nodes.map((node) => [1, node] as const),
    [2, "gradpool"],
    ...graph.constants.map((constant) => [5, tensorOf(constant)] as const),
    ...integers.map((tensor) => [5, tensor] as const),
    ...graph.inputs.map((value) => [11, valueOf(value)] as const),
    ...graph.outputs.map((value) => [12, valueOf(value)] as const),
  );
  return message(
    [1, irVersion],
    [2, "gradpool"],
    [7, body],
    [8, message([2, opset])],
    ...Object.entries(metadata).map(([key, value]) => [14, message([1, key], [2, value])] as const),
  );
}

function nodeOf({ op, inputs, output, integers = {}, constants = [] }: OnnxNode, held: Uint8Array[]): Uint8Array {
  const given = constants.map((values) => {
    const name = `whole_${held.length}`;
    held.push(message([1, values.length], [2, elementType("int32")], [8, name], [9, int64(values)]));
    return name;
  });
  const attributes = Object.entries(integers).map(([name, value]) =>
    typeof value === "number"
      ? message([1, name], [3, value], [20, 2])
      : message([1, name], ...value.map((entry) => [8, entry] as const), [20, 7]),
  );
  return message(
    ...[...inputs, ...given].map((name) => [1, name] as const),
    [2, output],
    [3, output],
    [4, op],
    ...attributes.map((attribute) => [5, attribute] as const),
  );
}

const int64 = (values: ArrayLike<number>): Uint8Array =>
  new Uint8Array(BigInt64Array.from(Array.from(values), (value) => BigInt(value)).buffer);

function tensorOf({ name, dtype, shape, values }: Constant): Uint8Array {
  const bytes = dtype === "int32" ? int64(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(...shape.map((size) => [1, size] as const), [2, elementType(dtype)], [8, name], [9, bytes]);
}

/** Sizes that are not known have names: rows, and how many values a feature has at most. */
function valueOf({ name, dtype, shape }: Value): Uint8Array {
  const sizes = shape.map((size) => {
    if (size >= 0) return message([1, size]);
    return message([2, size === -1 ? "rows" : `${name}_values`]);
  });
  const type = message([1, message([1, elementType(dtype)], [2, message(...sizes.map((size) => [1, size] as const))])]);
  return message([1, name], [2, type]);
}
