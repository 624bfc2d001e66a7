import type { GraphOps } from "@gradpool/models";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { Adjacency } from "./adjacency.js";
import { type ArenaBlock, arenaBlock, f32 } from "./block.js";
import { popular } from "./popular.js";

type ProductOps = Pick<GraphOps, "productBlock" | "copy" | "fill" | "addRows" | "propagate" | "spread">;

/** Columns of a plane. */
const columns = 16;

/**
 * Products with the graph's matrix, and what starts them. A product block of 32 columns or more stands in planes: an edge reads one
 * cache line of one plane instead of all columns, and what a plane's pass reads of all nodes stays in the cache (.7 of the time at
 * 27,000 nodes × 64, .8 at 71,000). The bits are the same. Plain kernels keep rows: there is no SIMD to feed.
 */
export function productOps(arena: Arena, graph: Adjacency): ProductOps {
  const { kernels } = arena;
  const { nodes } = graph;
  const counting = scratch(arena);
  const hubs = popular(arena);
  let counted = 0;

  /** Whether what is written to the block now goes into planes. */
  const planar = (out: ArenaBlock): boolean => {
    out.planes = out.product && kernels.kind === "wasm" && out.width > columns && out.width % columns === 0;
    return out.planes;
  };

  /** 0, 1, 2, … */
  function upTo(count: number): Int32Array {
    const cells = counting.need(4 * count, true).i32;
    for (; counted < count; counted++) cells[counted] = counted;
    return cells;
  }

  return {
    productBlock: () => arenaBlock(arena, nodes, true),
    copy(x, to) {
      const out = to.shape(x.rows, x.width) as ArenaBlock;
      if (planar(out)) kernels.toPlanes(f32(x), null, x.rows, x.width, nodes, out.values);
      else out.values.set(f32(x).subarray(0, x.rows * x.width));
    },
    fill(to, value) {
      const out = to as ArenaBlock;
      planar(out);
      out.values.fill(value, 0, out.rows * out.width);
    },
    addRows(g, only, to) {
      const out = to as ArenaBlock;
      if (out.planes) return kernels.toPlanes(f32(g), only.ids, only.count, g.width, nodes, out.values);
      // First: memory may grow, and views of it would be gone.
      const slots = upTo(only.count);
      kernels.scatter(
        { gradient: f32(g), slots, count: only.count, dim: g.width, scale: 1 },
        { positions: only.ids, tasks: 1, task: 0, sum: f32(out), used: 0 },
      );
    },
    propagate(from, to, { base, scale = 1, only = null, transposed = false } = {}) {
      const x = from as ArenaBlock;
      const out = to.shape(only?.count ?? nodes, x.width) as ArenaBlock;
      const under = base as ArenaBlock | undefined;
      const added = under?.values ?? null;
      const read = [graph.rows(transposed), only?.ids ?? null, out.rows, x.values, x.width] as const;
      if (!x.planes) {
        out.planes = false;
        return kernels.propagate(...read, under === undefined ? null : f32(under), scale, out.values);
      }
      const flat = { base: under?.planes !== true, out: only !== null || !planar(out) };
      out.planes = !flat.out;
      kernels.propagatePlanes(...read, nodes, added, scale, out.values, flat);
    },
    spread(g, only, to) {
      const out = to as ArenaBlock;
      // A node is reached once from each of the others.
      const wide = hubs.find(nodes, g.width, only.count, (hits) =>
        kernels.reach(graph.rows(false), only.ids, only.count, f32(g), g.width, hits),
      );
      const read = [graph.rows(false), only.ids, only.count, f32(g), g.width] as const;
      if (out.planes) kernels.spreadPlanes(...read, nodes, out.values, wide);
      else if (wide === null) kernels.spread(...read, out.values);
      else kernels.spreadWide(...read, out.values, wide);
      if (wide !== null) hubs.settle(wide, nodes, g.width, out.values, { planes: out.planes });
    },
  };
}
