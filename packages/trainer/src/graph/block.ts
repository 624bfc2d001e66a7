import type { Block } from "@gradpool/models";
import { GradpoolError } from "@gradpool/core";
import type { Arena, Region } from "../memory/arena.js";

/** A block of an arena. Its numbers are float32. */
export interface ArenaBlock extends Block {
  readonly values: Float32Array;
  /** For products: see products.ts. */
  readonly product: boolean;
  /** What it holds stands in planes; whoever writes to it says so. */
  planes: boolean;
  shape(rows: number, width: number): ArenaBlock;
}

/**
 * A block that grows when it has to. `nodes`: a block with a row for each keeps to that size; others, which change with the batch,
 * leave themselves room.
 */
export function arenaBlock(arena: Arena, nodes: number, product = false): ArenaBlock {
  let region: Region | null = null;
  let rows = 0;
  let width = 0;
  const own: ArenaBlock = {
    product,
    planes: false,
    get rows() {
      return rows;
    },
    get width() {
      return width;
    },
    get values() {
      return (region ??= arena.allocate(4)).f32;
    },
    shape(r, w) {
      const bytes = 4 * r * w;
      if (region === null || bytes > region.bytes) {
        if (region !== null) arena.free(region);
        region = arena.allocate(r === nodes ? bytes : Math.ceil(bytes * 1.25));
      }
      rows = r;
      width = w;
      return own;
    },
  };
  return own;
}

/** Rows that lie somewhere already, as a block that keeps its shape. */
export function heldBlock(rows: number, width: number, values: () => Float32Array): ArenaBlock {
  const own: ArenaBlock = {
    product: false,
    planes: false,
    rows,
    width,
    get values() {
      return values();
    },
    shape(r, w) {
      if (r === rows && w === width) return own;
      throw new GradpoolError({
        code: "shape",
        what: `${r} × ${w} is asked of a block that another owns`,
        where: "graph encoder",
        remedy: "write to a block of ops.block(), or to what the pass was given to write to",
      });
    },
  };
  return own;
}

/** Numbers of a block in rows. */
export function f32(block: Block): Float32Array {
  const { planes, values } = block as ArenaBlock;
  if (!planes) return values;
  throw new GradpoolError({
    code: "unsupported",
    what: "a product block where rows are wanted",
    where: "graph encoder",
    remedy: "give it to copy, fill, addRows, spread and propagate alone",
  });
}
