import type { TableSpec } from "@gradpool/models";
import { limitValues, type Update } from "../engine/limit.js";
import type { OptimizedRows } from "../kernels/contract.js";
import type { Arena, Region } from "../memory/arena.js";
import { adamCorrection, hyperparameters, stateNames } from "../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import { startValues } from "../parameters/start.js";
import { restoreArray, type StateArray } from "../parameters/state.js";
import type { Adjacency } from "./adjacency.js";
import type { ArenaBlock } from "./block.js";

/**
 * E0 with its optimiser: the tables of all nodes, one behind the other, in the order that they have outside. Gradients come a row
 * per node, in the graph's order. Every row takes part in every step: behind an encoder hardly a row has no gradient.
 */
export interface NodeTables {
  readonly width: number;
  /** The table's rows, of this moment. */
  table(name: string): Float32Array;
  /** Where in the graph's order the rows of a table are. */
  nodesOf(name: string): Int32Array;
  /** E0 in the graph's order. */
  load(into: ArenaBlock): void;
  /** One optimiser step with this gradient, a row per node in the graph's order; a limit is written over it. */
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
  const weights = arena.allocate(bytes);
  const cells = arena.allocate(8);
  const place = arena.allocate(8);
  const moments = stateNames(optimizer).map((key) => ({ key, region: arena.allocate(bytes) }));
  const firsts = new Map(
    tables.map(({ name }, k) => [name, tables.slice(0, k).reduce((sum, { rows }) => sum + rows, 0)]),
  );
  let rate = optimizer.learningRate;
  let steps = 0;

  const part = ({ f32 }: Region, { name, rows }: TableSpec): Float32Array => {
    const first = firsts.get(name) as number;
    return f32.subarray(first * width, (first + rows) * width);
  };
  const specOf = (name: string): TableSpec => tables.find((spec) => spec.name === name) as TableSpec;
  const optimized = (): OptimizedRows => ({
    weights: weights.f32,
    first: moments[0]?.region.f32 ?? null,
    second: moments[1]?.region.f32 ?? null,
    dim: width,
  });
  const state = (): Map<string, StateArray> =>
    new Map(
      tables.flatMap((spec): [string, StateArray][] => [
        [`table/${spec.name}`, part(weights, spec)],
        ...moments.map(({ key, region }): [string, StateArray] => [`${key}/${spec.name}`, part(region, spec)]),
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
    load(into) {
      into.shape(nodes, width);
      kernels.gather(weights.f32, graph.outward, nodes, width, into.values);
    },
    update: (gradient) => ({
      squaredNorm() {
        cells.f64[0] = 0;
        place.i32[0] = 0;
        const whole = { positions: place.i32, tasks: 1, sums: [gradient()], used: 1, dim: nodes * width };
        kernels.gram(whole, { normsOnly: true, ranks: null }, cells.f64);
        return cells.f64[0] as number;
      },
      apply(limit) {
        steps++;
        limitValues(gradient(), nodes * width, limit);
        kernels.configure(hyperparameters(optimizer, rate));
        kernels.correct(...adamCorrection(optimizer, rate, steps));
        kernels.applyValues(optimized(), { slotIds: graph.outward, used: nodes, order: null }, gradient());
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
