import { type Chance, type Graph, type GraphEncoder, graphMatrix, type GraphMatrix } from "@gradpool/models";
import type { Rows } from "../kernels/graph.js";
import type { Arena, Region } from "../memory/arena.js";

/**
 * A graph's matrix in an arena, its nodes renumbered: users by falling degree, then items by falling degree, so that the rows that
 * many edges read lie together. Outside, nodes keep their numbers (users, then items).
 */
export interface Adjacency {
  readonly nodes: number;
  /** The node outside of each node, and the node of each node outside. Views. */
  readonly outward: Int32Array;
  readonly nodeOf: Int32Array;
  /** Views: of this moment. */
  rows(transposed: boolean): Rows;
  /** From now on without the edges that this chance drops; null: with all. */
  thin(chance: Chance | null): void;
}

export function adjacency(arena: Arena, graph: Graph, encoder: GraphEncoder): Adjacency {
  const matrix = graphMatrix(graph, encoder.normalisation);
  const outward = byDegree(graph);
  const nodes = outward.length;
  const nodeOf = new Int32Array(nodes);
  outward.forEach((node, k) => (nodeOf[node] = k));
  const { offsets, indices, values, back } = renumbered(matrix, outward, nodeOf);
  const symmetric = matrix.back === matrix.values;
  const held = { outward: bring(arena, outward), nodeOf: bring(arena, nodeOf) };
  const places = { offsets: bring(arena, offsets), indices: bring(arena, indices) };
  const whole = [bring(arena, values), symmetric ? null : bring(arena, back)] as const;
  const thinned = whole.map((region) =>
    region === null || encoder.edgeDropout === 0 ? null : arena.allocate(region.bytes),
  );
  let thin = false;

  const side = (transposed: boolean): 0 | 1 => (transposed && !symmetric ? 1 : 0);
  const rows = (k: 0 | 1, region: Region): Rows => ({
    offsets: places.offsets.i32,
    indices: places.indices.i32,
    values: (thin ? (thinned[k] as Region) : region).f32,
  });

  return {
    nodes,
    get outward() {
      return held.outward.i32;
    },
    get nodeOf() {
      return held.nodeOf.i32;
    },
    rows: (transposed) => rows(side(transposed), whole[side(transposed)] as Region),
    thin(chance) {
      thin = false;
      if (chance === null) return;
      for (const k of [0, 1] as const) {
        const region = whole[k];
        if (region !== null) arena.kernels.dropEdges(rows(k, region), nodes, chance, (thinned[k] as Region).f32);
      }
      thin = true;
    },
  };
}

function bring(arena: Arena, values: Int32Array | Float32Array): Region {
  const region = arena.allocate(values.byteLength);
  if (values instanceof Int32Array) region.i32.set(values);
  else region.f32.set(values);
  return region;
}

/** Users and then items, each by falling degree; nodes of one degree in their order. */
function byDegree({ users, items, offsets }: Graph): Int32Array {
  const degrees = Int32Array.from(
    { length: users + items },
    (_, n) => (offsets[n + 1] as number) - (offsets[n] as number),
  );
  const sorted = (first: number, count: number): Int32Array =>
    Int32Array.from({ length: count }, (_, k) => first + k).sort(
      (a, b) => (degrees[b] as number) - (degrees[a] as number) || a - b,
    );
  const outward = new Int32Array(users + items);
  outward.set(sorted(0, users));
  outward.set(sorted(users, items), users);
  return outward;
}

interface Renumbered {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
  readonly back: Float32Array;
}

/**
 * The matrix under new numbers, columns ascending. Rows are walked in their new order and each entry is filed under its column:
 * where there is an entry there is one in the transposed place, so that every row comes out whole and sorted.
 */
function renumbered(matrix: GraphMatrix, outward: Int32Array, nodeOf: Int32Array): Renumbered {
  const offsets = new Int32Array(outward.length + 1);
  outward.forEach((node, k) => {
    const degree = (matrix.offsets[node + 1] as number) - (matrix.offsets[node] as number);
    offsets[k + 1] = (offsets[k] as number) + degree;
  });
  const next = offsets.slice(0, -1);
  const indices = new Int32Array(matrix.indices.length);
  const values = new Float32Array(indices.length);
  const back = new Float32Array(indices.length);
  outward.forEach((node, k) => {
    for (let e = matrix.offsets[node] as number; e < (matrix.offsets[node + 1] as number); e++) {
      const row = nodeOf[matrix.indices[e] as number] as number;
      const place = next[row] as number;
      indices[place] = k;
      values[place] = matrix.back[e] as number;
      back[place] = matrix.values[e] as number;
      next[row] = place + 1;
    }
  });
  return { offsets, indices, values, back };
}
