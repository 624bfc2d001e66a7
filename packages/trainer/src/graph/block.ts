import type { Block } from "@gradpool/models";
import type { Arena, Region } from "../memory/arena.js";

/** A block of an arena. Its numbers are float32. */
export interface ArenaBlock extends Block {
  readonly values: Float32Array;
  shape(rows: number, width: number): ArenaBlock;
}

/**
 * A block that grows when it has to. `nodes`: a block with a row for each keeps to that size; others, which change with the batch,
 * leave themselves room.
 */
export function arenaBlock(arena: Arena, nodes: number): ArenaBlock {
  let region: Region | null = null;
  let rows = 0;
  let width = 0;
  const own: ArenaBlock = {
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
