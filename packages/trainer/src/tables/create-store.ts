import { GradpoolError } from "@gradpool/core";
import type { Lookup, TableSpec } from "@gradpool/models";
import type { TableMemoryOptions } from "../memory/options.js";
import type { OptimizerSpec } from "../optimizer/spec.js";
import type { StateArray } from "../parameters/state.js";
import {
  adamCorrection,
  hyperparameters,
  movesWithoutGradient,
  resolveOptimizer,
  stateNames,
} from "../optimizer/resolve.js";
import { type Arena, plainArena, wasmArena, wasmLimit } from "../memory/arena.js";
import { initialize } from "../parameters/initialize.js";
import { placeTables } from "./layout.js";
import { rowPart } from "./row-part.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { Gathered, TableStore } from "./store.js";
import { heldTable, type HeldTable } from "./table.js";

export interface TableStoreOptions {
  readonly tables: readonly TableSpec[];
  readonly optimizer: OptimizerSpec;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly memory?: TableMemoryOptions;
}

/** A lookup's memory: ids, slots and offsets beside the table, and blocks where the losses are computed. */
interface LookupMemory {
  readonly ids: Scratch;
  readonly slots: Scratch;
  readonly offsets: Scratch;
  /** Blocks beside the table, where that is not the main memory. */
  readonly near: Scratch;
}

/** The tables of a model with their optimiser; see {@link TableStore} for a step's order of calls. */
export function createTableStore(options: TableStoreOptions): TableStore & { readonly main: Arena } {
  const optimizer = resolveOptimizer(options.optimizer);
  const states = stateNames(optimizer);
  const lagging = optimizer.rows === "dense-equivalent" && movesWithoutGradient(optimizer);
  const main = options.memory?.kernels === "plain" ? plainArena() : wasmArena(options.memory?.limit ?? wasmLimit);
  const placed = placeTables(options.tables, states.length, lagging, main, options.memory?.limit ?? wasmLimit);
  const tables = new Map<string, HeldTable>(
    placed.map(({ spec, arena }) => [spec.name, heldTable(spec, arena, states, lagging)]),
  );
  for (const table of tables.values()) {
    const { name, rows, dim, init } = table.spec;
    const given = options.initial?.get(name);
    if (given !== undefined && given.length !== rows * dim) {
      throw new GradpoolError({
        code: "shape",
        what: `${given.length} start values`,
        where: `table ${name}`,
        remedy: `give rows × dim = ${rows * dim}`,
      });
    }
    if (given === undefined) initialize(table.weights, [rows, dim], init, options.seed, name);
    else table.weights.set(given);
  }

  let learningRate = optimizer.learningRate;
  /** Finished optimiser steps. */
  let steps = 0;
  let tasks = 1;
  const blocks: { readonly rows: Scratch; readonly gradient: Scratch }[] = [];
  const lookups = new Map<string, LookupMemory[]>();
  const taken = new Map<string, number>();
  let blocksTaken = 0;
  const places = new WeakMap<Gathered, { readonly table: HeldTable; readonly memory: LookupMemory }>();

  configure();

  function configure(): void {
    for (const table of tables.values()) table.arena.kernels.configure(hyperparameters(optimizer, learningRate));
    if (lagging) for (const table of tables.values()) table.corrections(optimizer, learningRate, steps);
  }

  function find(name: string): HeldTable {
    const table = tables.get(name);
    if (table !== undefined) return table;
    throw new GradpoolError({
      code: "not-found",
      what: `no table ${name}`,
      where: "table store",
      remedy: `the model has: ${[...tables.keys()].join(", ")}`,
    });
  }

  function memoryFor(table: HeldTable): LookupMemory {
    const list = lookups.get(table.spec.name) ?? [];
    lookups.set(table.spec.name, list);
    const k = taken.get(table.spec.name) ?? 0;
    taken.set(table.spec.name, k + 1);
    const { arena } = table;
    list[k] ??= { ids: scratch(arena), slots: scratch(arena), offsets: scratch(arena), near: scratch(arena) };
    return list[k];
  }

  function recycle(): void {
    taken.clear();
    blocksTaken = 0;
  }

  function gather(lookup: Lookup): Gathered {
    const table = find(lookup.table);
    const { arena, spec, touched } = table;
    const { dim } = spec;
    const { size, offsets } = lookup;
    const elements = offsets === undefined ? size : (offsets[size] as number);
    const memory = memoryFor(table);
    const block = (blocks[blocksTaken++] ??= { rows: scratch(main), gradient: scratch(main) });
    memory.ids.need(4 * elements).i32.set(lookup.ids.subarray(0, elements));
    memory.slots.need(4 * elements);
    if (offsets !== undefined) memory.offsets.need(4 * (size + 1)).i32.set(offsets.subarray(0, size + 1));
    const before = touched.used;
    touched.locate(memory.ids.region, elements, memory.slots.region);
    if (lagging) table.catchUp(before, touched.used, steps);
    const bytes = 4 * size * dim;
    block.rows.need(bytes);
    block.gradient.need(bytes);
    const near = arena === main ? block.rows.region : memory.near.need(bytes);
    if (offsets === undefined) arena.kernels.gather(table.weights, memory.ids.region.i32, size, dim, near.f32);
    else {
      const mean = lookup.pooling !== "sum";
      const { ids, offsets: at } = memory;
      arena.kernels.gatherPooled(table.weights, ids.region.i32, at.region.i32, size, dim, mean, near.f32);
    }
    if (arena !== main) block.rows.region.f32.set(near.f32.subarray(0, size * dim));
    const gathered: Gathered = {
      lookup,
      get rows() {
        return block.rows.region.f32.subarray(0, size * dim);
      },
      get gradient() {
        return block.gradient.region.f32.subarray(0, size * dim);
      },
    };
    places.set(gathered, { table, memory });
    return gathered;
  }

  function scatter(gathered: Gathered, task: number, gradient?: Float32Array, scale = 1): boolean {
    const place = places.get(gathered);
    if (place === undefined) {
      throw new GradpoolError({
        code: "invalid-input",
        what: "a block of another store",
        where: "scatter",
        remedy: "hand in what gather returned",
      });
    }
    const { table, memory } = place;
    const { size, offsets, pooling } = gathered.lookup;
    const { arena, spec, touched } = table;
    const length = size * spec.dim;
    const accumulator = touched.accumulators === 1 ? 0 : task;
    const start = gradient?.byteOffset ?? 0;
    const mine = gradient === undefined ? main : [main, arena].find((one) => one.owns(gradient));
    touched.reserve(accumulator, offsets === undefined ? size : (offsets[size] as number));
    const own = mine !== arena;
    if (own) memory.near.need(4 * length);
    // Room is made: from here on memory does not grow, and views stay.
    const from =
      gradient === undefined
        ? gathered.gradient
        : mine === undefined || gradient.length > 0
          ? gradient
          : mine.view(start, length);
    if (own) memory.near.region.f32.set(from.length === length ? from : from.subarray(0, length));
    const near = own ? memory.near.region.f32 : from;
    const pooled = offsets === undefined ? null : { offsets: memory.offsets.region.i32, mean: pooling !== "sum" };
    return touched.scatter(near, memory.slots.region.i32, size, accumulator, scale, pooled);
  }

  return {
    main,
    backend: main.kernels.kind,
    names: [...tables.keys()],
    begin(count, mode) {
      tasks = count;
      recycle();
      for (const [name, table] of tables) table.touched.clear(mode(name) === "tasks" ? tasks : 1);
    },
    recycle,
    gather,
    scatter,
    part: (names) => rowPart(names.map(find), tasks),
    apply(name, combine) {
      const table = find(name);
      if (table.touched.used === 0) return;
      const [stepSize, root] = adamCorrection(optimizer, learningRate, steps + 1);
      table.arena.kernels.correct(stepSize, root);
      table.apply(combine);
      if (lagging) table.mark(steps + 1);
    },
    end() {
      steps++;
      if (lagging) for (const table of tables.values()) table.corrections(optimizer, learningRate, steps);
    },
    setLearningRate(rate) {
      if (rate === learningRate) return;
      resolveOptimizer({ ...optimizer, learningRate: rate });
      settle();
      learningRate = rate;
      configure();
    },
    settle,
    table: (name) => find(name).weights,
    state() {
      const arrays = new Map<string, StateArray>();
      for (const table of tables.values()) for (const [key, value] of table.state()) arrays.set(key, value);
      return { arrays, step: steps };
    },
    restore(arrays, step) {
      for (const table of tables.values()) {
        for (const [key, value] of table.state()) {
          const given = arrays.get(key);
          if (given?.length !== value.length) {
            throw new GradpoolError({
              code: "shape",
              what: `${given?.length ?? "no"} values`,
              where: `restored state ${key}`,
              remedy: `give ${value.length}, from a run with the same model and optimiser`,
            });
          }
          value.set(given);
        }
      }
      steps = step;
      configure();
    },
    memory() {
      let weights = 0;
      let state = 0;
      for (const table of tables.values()) {
        weights += 4 * table.spec.rows * table.spec.dim;
        state += table.stateBytes;
      }
      const all = [...new Set([main, ...placed.map(({ arena }) => arena)])].reduce((sum, a) => sum + a.used(), 0);
      return { weights, optimizer: state, scratch: all - weights - state };
    },
    dispose() {
      tables.clear();
      lookups.clear();
      blocks.length = 0;
    },
  };

  function settle(): void {
    if (lagging) for (const table of tables.values()) table.settle(steps);
  }
}
