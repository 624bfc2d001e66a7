import type { Arena, Region } from "../memory/arena.js";
import type { Adjacency } from "./adjacency.js";

/**
 * A row for every node. Steps want them in the graph's order, those who look at a table in the order that nodes have outside: they
 * lie in the one or the other, and are turned when somebody wants the other.
 */
export interface OrderedRows {
  /** Are they in the graph's order now? */
  readonly turned: boolean;
  /** In the graph's order. A view, until `outside` is asked for. */
  inGraph(): Float32Array;
  /** Users, then items. A view, until `inGraph` is asked for. */
  outside(): Float32Array;
}

/** `count` such blocks of `width` columns, zeros at first, in the order outside. They share one more block to turn into. */
export function orderedRows(arena: Arena, graph: Adjacency, width: number, count: number): OrderedRows[] {
  const { nodes } = graph;
  const bytes = 4 * nodes * width;
  let spare = arena.allocate(bytes);

  function own(): OrderedRows {
    let region: Region = arena.allocate(bytes);
    let turned = false;
    const turn = (to: boolean): Float32Array => {
      if (turned !== to) {
        arena.kernels.gather(region.f32, to ? graph.outward : graph.nodeOf, nodes, width, spare.f32);
        [region, spare] = [spare, region];
        turned = to;
      }
      return region.f32;
    };
    return {
      get turned() {
        return turned;
      },
      inGraph: () => turn(true),
      outside: () => turn(false),
    };
  }

  return Array.from({ length: count }, own);
}
