import type { TableSpec } from "@gradpool/models";
import type { Arena } from "../memory/arena.js";
import { plainArena } from "../memory/plain-arena.js";
import { wasmArena } from "../memory/wasm-arena.js";
import type { Crew } from "../threads/crew.js";

export interface Placed {
  readonly spec: TableSpec;
  readonly arena: Arena;
}

/** Room that tables leave to a step's scratch in their memory: a quarter of it, at most 512 MB. */
const reserve = (limit: number): number => Math.min(limit / 4, 512 * 1024 ** 2);

/**
 * A memory for each table (`bytesOf` it, with its state): a row is updated from its weights and state in one place, so a table with its optimiser state
 * lies in one memory. The first with room takes it; a table too large for any goes to plain typed arrays.
 */
export function placeTables(
  specs: readonly TableSpec[],
  bytesOf: (spec: TableSpec) => number,
  main: Arena,
  limit: number,
  crew?: Crew,
): readonly Placed[] {
  if (main.kernels.kind === "plain") return specs.map((spec) => ({ spec, arena: main }));
  const arenas = [{ arena: main, planned: 0 }];
  return specs.map((spec) => {
    const bytes = bytesOf(spec) + 4096;
    if (bytes > limit - reserve(limit)) return { spec, arena: plainArena() };
    let home = arenas.find(({ arena, planned }) => planned + bytes <= arena.room() - reserve(limit));
    if (home === undefined) {
      home = { arena: wasmArena(limit, crew), planned: 0 };
      if (bytes > home.arena.room() - reserve(limit)) return { spec, arena: plainArena() };
      arenas.push(home);
    }
    home.planned += bytes;
    return { spec, arena: home.arena };
  });
}
