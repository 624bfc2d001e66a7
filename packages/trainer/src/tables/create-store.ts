import { given } from "@gradpool/core";
import { type Limit, unlimited } from "../engine/limit.js";
import type { Arena } from "../memory/arena.js";
import type { MemoryUse } from "../memory/use.js";
import { adamCorrection, hyperparameters, resolveOptimizer } from "../optimizer/resolve.js";
import { restoreArray, type StateArray } from "../parameters/state.js";
import { blocksIn } from "./blocks.js";
import { composedRows } from "./composed.js";
import { type HeldTables, holdTables } from "./held-tables.js";
import { passingOn } from "./pass-on.js";
import { rowPart } from "./row-part.js";
import type { Combine, TableMode, TableStore, TableStoreOptions } from "./store.js";
import { togetherOn } from "./together.js";

/** The tables of a model with their optimiser; see {@link TableStore} for a step's order of calls. */
export function createTableStore(options: TableStoreOptions): TableStore & { readonly main: Arena } {
  const optimizer = resolveOptimizer(options.optimizer);
  const held = holdTables(options, optimizer);
  const { main, find, addedTo } = held;
  const tables = held.all;
  const blocks = blocksIn(main);
  let learningRate = optimizer.learningRate;
  /** Finished optimiser steps. */
  let steps = 0;
  let tasks = 1;
  let modeOf: (table: string) => TableMode = () => "sum";
  const passOn = passingOn();
  const isAdded = (name: string): boolean => [...tables.values()].some(({ spec }) => spec.plus?.table === name);

  function correct(): void {
    for (const { lag } of tables.values()) lag?.corrections(optimizer, learningRate, steps);
  }
  function configure(): void {
    for (const { arena } of tables.values()) arena.kernels.configure(hyperparameters(optimizer, learningRate));
    for (const { apart } of tables.values()) apart?.advance(steps + 1);
    correct();
  }
  function settle(): void {
    for (const { lag } of tables.values()) lag?.settle(steps);
  }

  function apply(name: string, combine?: Combine, limit: Limit = unlimited): void {
    const table = find(name);
    if (table.touched.used === 0) return;
    const { kernels } = table.arena;
    kernels.correct(...adamCorrection(optimizer, learningRate, steps + 1));
    if (table.apart !== null) kernels.configure(table.apart.hyperparameters(optimizer, learningRate));
    table.update.apply(combine, limit);
    if (table.apart !== null) kernels.configure(hyperparameters(optimizer, learningRate));
    table.lag?.mark(steps + 1, combine !== undefined && "values" in combine);
  }

  configure();
  const together = togetherOn({ main, blocks, tables, find, steps: () => steps });
  return {
    main,
    ...given({ together }),
    backend: main.kernels.kind,
    names: [...tables.keys()],
    begin(count, mode, unpooled = 0) {
      tasks = count;
      modeOf = mode;
      blocks.recycle();
      for (const [name, { touched }] of tables) {
        if (mode(name) === "tasks") touched.clear(tasks + unpooled, unpooled);
        else touched.clear(1);
      }
    },
    recycle: () => blocks.recycle(),
    gather: (lookup) => blocks.gather(find(lookup.table), lookup, steps, addedTo(lookup.table)),
    scatter: (gathered, task, gradient, scale = 1) =>
      blocks.scatter(gathered, task, gradient, scale, (name) => modeOf(name) === "through"),
    part: (names) => rowPart(names.map(find), tasks),
    apply,
    update: (name, combine) => ({
      squaredNorm: () => (find(name).touched.used === 0 ? 0 : find(name).update.squaredNorm(combine)),
      apply: (limit) => apply(name, combine, limit),
    }),
    passOn(name, combine) {
      const added = addedTo(name);
      return added === null || passOn(find(name), added, combine);
    },
    atOnce(work, meanwhile) {
      if (main.team === undefined) work();
      else main.team.together(work, meanwhile);
    },
    end() {
      steps++;
      for (const { apart } of tables.values()) apart?.advance(steps + 1);
      correct();
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
    isAdded,
    composed(name) {
      const added = addedTo(name);
      return added === null ? find(name).weights : composedRows(find(name), added, main);
    },
    state: () => ({ arrays: stateOf(held), step: steps }),
    restore(arrays, step) {
      for (const [key, into] of stateOf(held)) restoreArray(arrays, key, into);
      steps = step;
      configure();
    },
    memory: () => memoryOf(held),
    dispose() {
      tables.clear();
      blocks.dispose();
    },
  };
}

function stateOf({ all }: HeldTables): Map<string, StateArray> {
  return new Map([...all.values()].flatMap((table) => table.state()));
}

function memoryOf({ all, arenas }: HeldTables): MemoryUse {
  let weights = 0;
  let optimizer = 0;
  for (const { spec, stateBytes } of all.values()) {
    weights += 4 * spec.rows * spec.dim;
    optimizer += stateBytes;
  }
  const used = arenas.reduce((sum, arena) => sum + arena.used(), 0);
  return { weights, optimizer, scratch: used - weights - optimizer };
}
