import { GradpoolError } from "@gradpool/core";
import type { Arena } from "../memory/arena.js";
import { plainArena } from "../memory/plain-arena.js";
import { wasmArena, wasmLimit } from "../memory/wasm-arena.js";
import type { TableSpec } from "@gradpool/models";
import { movesWithoutGradient, stateNames } from "../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import { startValues } from "../parameters/start.js";
import { type Added, addedOf } from "./added.js";
import { placeTables } from "./layout.js";
import type { TableStoreOptions } from "./store.js";
import { bytesOf, heldTable, type HeldTable, type RowState } from "./table.js";

/** A model's tables by name, in the model's order, and the memories that they lie in. */
export interface HeldTables {
  /** Where losses are computed, and what has no table of its own lies. */
  readonly main: Arena;
  readonly arenas: readonly Arena[];
  readonly all: Map<string, HeldTable>;
  /** Error `not-found`. */
  find(name: string): HeldTable;
  /** What the rows of a table have beside themselves; null: nothing. */
  addedTo(name: string): Added | null;
}

export function holdTables(options: TableStoreOptions, optimizer: ResolvedOptimizer): HeldTables {
  const { kernels, limit = wasmLimit } = options.memory ?? {};
  const states = stateNames(optimizer);
  const lagging = optimizer.rows === "dense-equivalent" && movesWithoutGradient(optimizer);
  const { crew } = options;
  const main = kernels === "plain" ? plainArena() : wasmArena(limit, crew);
  const kindOf = ({ name }: TableSpec): RowState =>
    options.apart?.tables.has(name) === true ? { apart: options.apart } : { states, lagging };
  const placed = placeTables(options.tables, (spec) => bytesOf(spec, kindOf(spec)), main, limit, crew);
  const all = new Map(placed.map(({ spec, arena }) => [spec.name, heldTable(spec, arena, kindOf(spec))]));
  for (const { spec, weights } of all.values()) {
    const { name, rows, dim, init } = spec;
    startValues(weights, { name, shape: [rows, dim], init }, options.seed, options.initial);
  }
  const added = addedOf(all);
  return {
    main,
    arenas: [...new Set([main, ...placed.map(({ arena }) => arena)])],
    all,
    addedTo: (name) => added.get(name) ?? null,
    find(name) {
      const table = all.get(name);
      if (table !== undefined) return table;
      throw new GradpoolError({
        code: "not-found",
        what: `no table ${name}`,
        where: "table store",
        remedy: `the model has: ${[...all.keys()].join(", ")}`,
      });
    },
  };
}
