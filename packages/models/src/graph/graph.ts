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
  readonly interactions: readonly PairLists[];
  /** User–user pairs, in either direction. */
  readonly social?: PairColumns;
  /** Item–item pairs, in either direction. */
  readonly itemPairs?: readonly PairColumns[];
}

/**
 * The graph of these edges. Costs their number, twice.
 *
 * @throws GradpoolError `invalid-input` for no edge at all, and for an id outside of the users or items.
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
  if (graph.neighbours.length > 0) return graph;
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

/** Calls `visit` with the nodes of every pair; a pair of one node with itself is no edge. */
function eachEdge(edges: GraphEdges, visit: (a: number, b: number) => void): void {
  const { users, items, interactions, social, itemPairs = [] } = edges;
  for (const { offsets, items: right } of interactions) {
    for (let u = 0; u + 1 < offsets.length; u++) {
      for (let k = offsets[u] as number; k < (offsets[u + 1] as number); k++) {
        visit(within("user", u, users), users + within("item", right[k] as number, items));
      }
    }
  }
  const columns = (what: "user" | "item", { left, right }: PairColumns, count: number, first: number): void => {
    for (let k = 0; k < left.length; k++) {
      const a = within(what, left[k] as number, count);
      const b = within(what, right[k] as number, count);
      if (a !== b) visit(first + a, first + b);
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
