import { GradpoolError } from "@gradpool/core";

/**
 * Who is connected with whom. Nodes are the users, 0 … users − 1, and then the items. The neighbours of node n are
 * `neighbours[offsets[n]] … neighbours[offsets[n + 1] − 1]`, ascending, each once; every edge is there in both directions,
 * and no node is its own neighbour. A node may have none.
 */
export interface Graph {
  readonly users: number;
  readonly items: number;
  readonly offsets: Int32Array;
  readonly neighbours: Int32Array;
  /** How much each edge counts, beside `neighbours`; the same in both directions. Absent: 1 each. */
  readonly weights?: Float64Array;
}

/** How much edges of a kind count in the graph. */
export interface Weighted {
  /** Above 0. Default 1. An edge of several kinds counts by the heaviest. */
  readonly weight?: number;
}

/** Pairs by left end, as interactions are kept: the right ends of k are `items[offsets[k]] … items[offsets[k + 1] − 1]`. */
export interface PairLists {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Pairs one by one, in any order. */
export interface PairColumns {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

export interface GraphEdges {
  readonly users: number;
  readonly items: number;
  /** User–item pairs of the training part; those of several behaviours are united. Repeats count once. */
  readonly interactions: readonly (PairLists & Weighted)[];
  /** User–user pairs, in either direction. */
  readonly social?: PairColumns & Weighted;
  /** Item–item pairs, in either direction. */
  readonly itemPairs?: readonly (PairColumns & Weighted)[];
}

/**
 * The graph of these edges: one for all kinds, whose weights say how much each counts beside the others. Costs their number, twice.
 *
 * @throws GradpoolError `invalid-input` for no edge at all, for an id outside of the users or items, and for a weight that is not
 * above 0.
 */
export function graphOf(edges: GraphEdges): Graph {
  const { users, items } = edges;
  const nodes = users + items;
  const counts = new Int32Array(nodes + 1);
  eachEdge(edges, (a, b) => {
    counts[a + 1] = (counts[a + 1] as number) + 1;
    counts[b + 1] = (counts[b + 1] as number) + 1;
  });
  for (let n = 0; n < nodes; n++) counts[n + 1] = (counts[n + 1] as number) + (counts[n] as number);
  const next = counts.slice(0, nodes);
  const listed = new Int32Array(counts[nodes] as number);
  const put = (from: number, to: number): void => {
    const place = next[from] as number;
    listed[place] = to;
    next[from] = place + 1;
  };
  eachEdge(edges, (a, b) => {
    put(a, b);
    put(b, a);
  });
  const graph = { users, items, ...withoutRepeats(counts, listed) };
  if (graph.neighbours.length > 0) return weighs(edges) ? { ...graph, weights: weightsOf(graph, edges) } : graph;
  throw problem("no edges", "give training interactions: without an edge a graph encoder is mf");
}

function withoutRepeats(counts: Int32Array, listed: Int32Array): Pick<Graph, "offsets" | "neighbours"> {
  const offsets = new Int32Array(counts.length);
  let size = 0;
  for (let n = 0; n + 1 < counts.length; n++) {
    const row = listed.subarray(counts[n], counts[n + 1]).sort();
    let last = -1;
    for (const other of row) {
      if (other !== last) listed[size++] = other;
      last = other;
    }
    offsets[n + 1] = size;
  }
  return { offsets, neighbours: listed.slice(0, size) };
}

function weighs({ interactions, social, itemPairs = [] }: GraphEdges): boolean {
  const all = [...interactions, ...itemPairs, ...(social === undefined ? [] : [social])].map(
    ({ weight = 1 }) => weight,
  );
  const wrong = all.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined) throw problem(`edges of weight ${wrong}`, "give a number above 0, or leave these edges out");
  return all.some((weight) => weight !== 1);
}

/** The heaviest of an edge's kinds, in both its places. */
function weightsOf({ offsets, neighbours }: Omit<Graph, "weights">, edges: GraphEdges): Float64Array {
  const weights = new Float64Array(neighbours.length);
  const raise = (from: number, to: number, weight: number): void => {
    let low = offsets[from] as number;
    let high = offsets[from + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((neighbours[middle] as number) < to) low = middle + 1;
      else high = middle;
    }
    weights[low] = Math.max(weights[low] as number, weight);
  };
  eachEdge(edges, (a, b, weight) => {
    raise(a, b, weight);
    raise(b, a, weight);
  });
  return weights;
}

/** Calls `visit` with the nodes of every pair and its weight; a pair of one node with itself is no edge. */
function eachEdge(edges: GraphEdges, visit: (a: number, b: number, weight: number) => void): void {
  const { users, items, interactions, social, itemPairs = [] } = edges;
  for (const { offsets, items: right, weight = 1 } of interactions) {
    for (let u = 0; u + 1 < offsets.length; u++) {
      for (let k = offsets[u] as number; k < (offsets[u + 1] as number); k++) {
        visit(within("user", u, users), users + within("item", right[k] as number, items), weight);
      }
    }
  }
  const columns = (what: "user" | "item", pairs: PairColumns & Weighted, count: number, first: number): void => {
    const { left, right, weight = 1 } = pairs;
    for (let k = 0; k < left.length; k++) {
      const a = within(what, left[k] as number, count);
      const b = within(what, right[k] as number, count);
      if (a !== b) visit(first + a, first + b, weight);
    }
  };
  if (social !== undefined) columns("user", social, users, 0);
  for (const pairs of itemPairs) columns("item", pairs, items, users);
}

function within(what: string, id: number, count: number): number {
  if (id >= 0 && id < count) return id;
  throw problem(`${what} ${id}`, `give ${what}s from 0 to ${count - 1}`);
}

const problem = (what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-input", what, where: "graph", remedy });
