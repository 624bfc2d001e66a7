import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeAll } from "../files/bytes.js";
import type { Constant, DenseGraph, Value } from "./contract.js";
import { type Attribute, tfjsNode, typeNames } from "./tfjs-nodes.js";

/** Bytes of a file of weights: what browsers cache, as TensorFlow's own converter cuts them. */
const shardBytes = 4 << 20;

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/**
 * A graph model of TensorFlow.js: `model.json` and its weights in `group1-shard1of1.bin` and so on, for `tf.loadGraphModel`. Inputs
 * and outputs go by the graph's own names, `predict` answers with an object of them.
 */
export function writeTfjs(folder: string, graph: DenseGraph, metadata: Readonly<Record<string, string>>): void {
  const nameOf = nodeNames();
  const constants = [...graph.constants];
  const whole = (values: number | readonly number[]): Constant => {
    const list = Int32Array.from([values].flat());
    const shape = typeof values === "number" ? [] : [list.length];
    const constant = { name: `whole_${constants.length}`, dtype: "int32", shape, values: list } as const;
    constants.push(constant);
    return constant;
  };
  const inputs = graph.inputs.map((value): Node => ({
    name: nameOf(value),
    op: "Placeholder",
    attr: { dtype: { type: typeNames[value.dtype] }, shape: shapeOf(value) },
  }));
  const computed = graph.calls
    .map(tfjsNode)
    .map(({ op, inputs: read, output, attributes = {}, constants: given = [] }): Node => {
      const input = [...read, ...given.map(whole)].map(nameOf);
      return {
        name: nameOf(output),
        op,
        input,
        attr: { T: { type: typeNames[(read[0] ?? output).dtype] }, ...attributes },
      };
    });
  const held = constants.map((constant): Node => ({
    name: nameOf(constant),
    op: "Const",
    attr: { dtype: { type: typeNames[constant.dtype] } },
  }));
  const paths = writeShards(folder, constants);
  const signed = (values: readonly Value[]) =>
    Object.fromEntries(
      values.map((value) => {
        const tensorShape = shapeOf(value).shape;
        return [value.name, { name: `${nameOf(value)}:0`, dtype: typeNames[value.dtype], tensorShape }];
      }),
    );
  const model = {
    format: "graph-model",
    generatedBy: "gradpool",
    convertedBy: null,
    signature: { inputs: signed(graph.inputs), outputs: signed(graph.outputs) },
    userDefinedMetadata: { ...metadata, structuredOutputKeys: graph.outputs.map(({ name }) => name) },
    modelTopology: {
      node: [...inputs, ...held, ...computed],
      library: {},
      versions: { producer: 440, minConsumer: 12 },
    },
    weightsManifest: [
      {
        paths,
        weights: constants.map(({ dtype, shape, ...constant }) => ({
          name: nameOf(constant as Constant),
          shape,
          dtype,
        })),
      },
    ],
  };
  writeFileSync(join(folder, "model.json"), JSON.stringify(model));
}

/** Names that TensorFlow takes, each once: what a user called a feature or a task stays in the signature. */
function nodeNames(): (value: Value) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return ({ name }) => {
    const held = names.get(name);
    if (held !== undefined) return held;
    const plain = name.replaceAll(/[^\w.-]/g, "_").replace(/^[^A-Za-z0-9.]/, "n$&");
    let made = plain;
    for (let k = 2; taken.has(made); k++) made = `${plain}_${k}`;
    taken.add(made);
    names.set(name, made);
    return made;
  };
}

const shapeOf = ({ shape }: Value) => ({
  shape: { dim: shape.map((size) => ({ size: String(Math.max(size, -1)) })) },
});

/** The constants' bytes one after the other, in files of at most `shardBytes`; answers with their names. */
function writeShards(folder: string, constants: readonly Constant[]): readonly string[] {
  const total = constants.reduce((sum, { values }) => sum + values.byteLength, 0);
  const count = Math.max(1, Math.ceil(total / shardBytes));
  const paths = Array.from({ length: count }, (_, k) => `group1-shard${k + 1}of${count}.bin`);
  let file = openSync(join(folder, paths[0] as string), "w");
  try {
    let shard = 0;
    let room = shardBytes;
    for (const { values } of constants) {
      let rest = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      while (rest.length > 0) {
        if (room === 0) {
          closeSync(file);
          file = openSync(join(folder, paths[++shard] as string), "w");
          room = shardBytes;
        }
        writeAll(file, rest.subarray(0, room));
        const written = Math.min(room, rest.length);
        rest = rest.subarray(written);
        room -= written;
      }
    }
  } finally {
    closeSync(file);
  }
  return paths;
}
