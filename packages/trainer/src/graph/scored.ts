import type { Arena } from "../memory/arena.js";
import type { Adjacency } from "./adjacency.js";
import { type ArenaBlock, arenaBlock } from "./block.js";
import type { GraphParts } from "./work.js";

/** Z of all nodes, for scoring: computed when asked for, kept until the weights change. */
export interface Scored {
  /** A table's rows of Z, in the order that they have outside. `encode` writes all of Z in the graph's order, as `ego` is. */
  of(table: string, encode: (ego: ArenaBlock, z: ArenaBlock) => void): Float32Array;
  forget(): void;
}

export function scoredBy({ nodes, model }: GraphParts, graph: Adjacency, arena: Arena): Scored {
  const { width } = model.encoder;
  const block = arenaBlock(arena, graph.nodes);
  const beside = arenaBlock(arena, graph.nodes);
  let held: Float32Array | null = null;

  function compute(encode: (ego: ArenaBlock, z: ArenaBlock) => void): Float32Array {
    encode(nodes.egoBeside(beside), block);
    const out = new Float32Array(graph.nodes * width);
    const { values } = block;
    const { outward } = graph;
    for (let k = 0; k < graph.nodes; k++)
      out.set(values.subarray(k * width, (k + 1) * width), (outward[k] as number) * width);
    return out;
  }

  return {
    of(table, encode) {
      held ??= compute(encode);
      const specs = model.tables;
      const at = specs.findIndex(({ name }) => name === table);
      const first = specs.slice(0, at).reduce((sum, { rows }) => sum + rows, 0);
      return held.subarray(first * width, (first + (specs[at]?.rows ?? 0)) * width);
    },
    forget() {
      held = null;
    },
  };
}
