import type { TableSpec } from "@gradpool/models";
import type { Update } from "../engine/limit.js";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena } from "../memory/arena.js";
import { adamCorrection, hyperparameters, stateNames } from "../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import { startValues } from "../parameters/start.js";
import { restoreArray, type StateArray } from "../parameters/state.js";
import type { Adjacency } from "./adjacency.js";
import { type ArenaBlock, heldBlock } from "./block.js";
import { type OrderedRows, orderedRows } from "./ordered.js";

/**
 * E0 with its optimiser, in the graph's order while steps are made. Every row takes part in every step: behind an encoder hardly a
 * row has no gradient.
 */
export interface NodeTables {
  readonly width: number;
  /** E0, a row per node in the graph's order. A view: take it afresh in each step. */
  ego(): ArenaBlock;
  /** The same without touching a view that `table` gave: copied to `block` if need be. */
  egoBeside(block: ArenaBlock): ArenaBlock;
  /** The table's rows in the order that they have outside. A view, until the next step. */
  table(name: string): Float32Array;
  /** Where in the graph's order the rows of a table are. */
  nodesOf(name: string): Int32Array;
  /** One optimiser step with this gradient, a row per node in the graph's order; a bound is written over it. */
  update(gradient: () => Float32Array): Update;
  readonly steps: number;
  setLearningRate(learningRate: number): void;
  state(): ReadonlyMap<string, StateArray>;
  restore(arrays: ReadonlyMap<string, StateArray>, steps: number): void;
  readonly weightBytes: number;
  readonly stateBytes: number;
}

export interface NodeTablesOptions {
  readonly arena: Arena;
  /** Users and items, in this order. */
  readonly tables: readonly TableSpec[];
  readonly graph: Adjacency;
  readonly optimizer: ResolvedOptimizer;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
}

export function nodeTables({ arena, tables, graph, optimizer, seed, initial }: NodeTablesOptions): NodeTables {
  const { kernels } = arena;
  const { nodes } = graph;
  const width = (tables[0] as TableSpec).dim;
  const bytes = 4 * nodes * width;
  const keys = stateNames(optimizer);
  const [weights, ...moments] = orderedRows(arena, graph, width, 1 + keys.length) as [OrderedRows, ...OrderedRows[]];
  const counting = arena.allocate(4 * nodes);
  for (let k = 0; k < nodes; k++) counting.i32[k] = k;
  const cells = arena.allocate(8);
  const place = arena.allocate(8);
  const firsts = new Map(
    tables.map(({ name }, k) => [name, tables.slice(0, k).reduce((sum, { rows }) => sum + rows, 0)]),
  );
  let rate = optimizer.learningRate;
  let steps = 0;

  const part = (all: OrderedRows, { name, rows }: TableSpec): Float32Array => {
    const first = firsts.get(name) as number;
    return all.outside().subarray(first * width, (first + rows) * width);
  };
  const specOf = (name: string): TableSpec => tables.find((spec) => spec.name === name) as TableSpec;
  const ego = heldBlock(nodes, width, () => weights.inGraph());
  const optimized = (): OptimizedRows => ({
    weights: weights.inGraph(),
    first: moments[0]?.inGraph() ?? null,
    second: moments[1]?.inGraph() ?? null,
    dim: width,
  });
  const state = (): Map<string, StateArray> =>
    new Map(
      tables.flatMap((spec): [string, StateArray][] => [
        [`table/${spec.name}`, part(weights, spec)],
        ...keys.map((key, k): [string, StateArray] => [`${key}/${spec.name}`, part(moments[k] as OrderedRows, spec)]),
      ]),
    );

  for (const spec of tables) {
    const { name, rows, dim, init } = spec;
    startValues(part(weights, spec), { name, shape: [rows, dim], init }, seed, initial);
  }

  return {
    width,
    table: (name) => part(weights, specOf(name)),
    nodesOf(name) {
      const first = firsts.get(name) as number;
      return graph.nodeOf.subarray(first, first + specOf(name).rows);
    },
    ego: () => ego,
    egoBeside(block) {
      if (weights.turned) return ego;
      block.shape(nodes, width);
      kernels.gather(weights.outside(), graph.outward, nodes, width, block.values);
      return block;
    },
    update: (gradient) => ({
      squaredNorm() {
        cells.f64[0] = 0;
        place.i32[0] = 0;
        const whole = { positions: place.i32, tasks: 1, sums: [gradient()], used: 1, dim: nodes * width };
        kernels.gram(whole, { normsOnly: true, ranks: null }, cells.f64);
        return cells.f64[0] as number;
      },
      apply({ scale, bound }) {
        steps++;
        kernels.configure(hyperparameters(optimizer, rate));
        kernels.correct(...adamCorrection(optimizer, rate, steps));
        kernels.applyValues(optimized(), { slotIds: counting.i32, used: nodes, order: null }, gradient(), scale, bound);
      },
    }),
    get steps() {
      return steps;
    },
    setLearningRate(learningRate) {
      rate = learningRate;
    },
    state,
    restore(arrays, count) {
      for (const [key, into] of state()) restoreArray(arrays, key, into);
      steps = count;
    },
    weightBytes: bytes,
    stateBytes: moments.length * bytes,
  };
}
