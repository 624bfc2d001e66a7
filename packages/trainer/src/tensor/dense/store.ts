import { GradpoolError } from "@gradpool/core";
import { squaredNormOf, type Update } from "../../engine/limit.js";
import type { OptimizedRows } from "../../kernels/contract.js";
import type { MemoryUse } from "../../memory/use.js";
import { adamCorrection, hyperparameters, stateNames } from "../../optimizer/resolve.js";
import type { ResolvedOptimizer } from "../../optimizer/spec.js";
import { restoreArray, type StateArray } from "../../parameters/state.js";
import type { TablesApart } from "../../tables/store.js";
import { type DenseApart, denseApart } from "./apart.js";
import { type DenseGradients, denseGradients } from "./gradients.js";
import { cut, denseGroup, type DenseGroup, type DenseParameter, type GroupOptions, type Place } from "./groups.js";

/**
 * The dense variables on the host, with gradients and optimiser: the same kernels as for table rows, one row per variable. A
 * step moves each gradient off the device once and each variable onto it once; what tfjs' own Adam does in ten kernels
 * per variable is one pass here.
 */
export interface DenseStore {
  readonly shared: readonly DenseParameter[];
  /** A task's own. */
  own(task: string): readonly DenseParameter[];
  /** All that a function of the model reads: shared ones first. */
  placed(place: Place): readonly DenseParameter[];
  /** Counts the changes of the weights: what was read before is stale once it moves. */
  readonly version: number;
  values(name: string): Float32Array;
  /** Where a term's gradient of a shared variable (or an owner's own) is written. Terms: the tasks, then the regulariser. */
  gradient(parameter: DenseParameter, term: number): Float32Array;
  /** Squared norm of task t's gradients of an owner: not finite if any coordinate is not. */
  squaredNorm(owner: string | null, task: number): number;
  /** Gradients of a step of several batches: see {@link DenseGradients}. */
  readonly batches: Pick<DenseGradients, "keep" | "settle" | "clear">;
  /** Raw inner products of tasks' gradients of a shared variable, T × T; absent tasks keep 0. */
  gram(parameter: DenseParameter, present: readonly boolean[], normsOnly: boolean, out: Float64Array): void;
  /** One optimiser step: weights per term (of those whose gradient was written), or the combined gradient itself, looked at when it is applied (memory may grow before). */
  weighted(parameter: DenseParameter, present: readonly boolean[], weights: Float32Array): Update;
  /** The same with Adam's moments of each term apart, for stores that were made so. No limit is heeded. */
  apart(parameter: DenseParameter, present: readonly boolean[], weights: Float32Array): Update;
  valued(parameter: DenseParameter, values: () => Float32Array): Update;
  /** Starts an owner's optimiser step; call before its updates are applied. */
  begin(owner: string | null): void;
  setLearningRate(learningRate: number): void;
  state(): { readonly arrays: ReadonlyMap<string, StateArray>; readonly steps: Readonly<Record<string, number>> };
  restore(arrays: ReadonlyMap<string, StateArray>, steps: Readonly<Record<string, number>>): void;
  memory(): MemoryUse;
}

export interface DenseStoreOptions extends GroupOptions {
  readonly tasks: readonly string[];
  /** Gradients of a shared variable: the tasks', and the regulariser's where there is one. */
  readonly terms: number;
  readonly optimizer: ResolvedOptimizer;
  /** Terms have moments of their own for shared variables. */
  readonly apart?: Pick<TablesApart, "beta1" | "beta2" | "epsilon">;
}

const label = (owner: string | null): string => (owner === null ? "shared" : `head/${owner}`);

export function denseStore(options: DenseStoreOptions): DenseStore {
  const { arena, optimizer, tasks, terms } = options;
  const { kernels } = arena;
  const states = stateNames(optimizer);
  const groups = new Map([null, ...tasks].map((owner) => [owner, denseGroup(owner, states, options)]));
  const shared = groups.get(null) as DenseGroup;
  const gradients = denseGradients(arena, shared, terms);
  const places = placesOf(groups.values());
  const everything = [...groups.values()].flatMap(({ parameters }) => parameters);
  const inPlace = {
    trunk: everything.filter(({ place }) => place === "trunk"),
    heads: everything.filter(({ place }) => place === "heads"),
  };
  const widest = Math.max(1, ...[...places.values()].map(({ parameter }) => parameter.size));
  const zeros = arena.allocate(4 * terms);
  const weightCells = arena.allocate(4 * terms);
  const buffer = arena.allocate(4 * widest);
  const own = options.apart && denseApart(arena, shared, terms, options.apart);
  let rate = optimizer.learningRate;
  let version = 0;

  const groupOf = (owner: string | null): DenseGroup => {
    const group = groups.get(owner);
    if (group === undefined) throw new RangeError(`no task ${owner ?? ""}`);
    return group;
  };
  /** A variable is one row as wide as it is. */
  const asRow = () => ({ slotIds: zeros.i32, used: 1, order: null });

  return {
    shared: shared.parameters,
    own: (task) => groupOf(task).parameters,
    placed: (place) => inPlace[place],
    get version() {
      return version;
    },
    values(name) {
      const place = places.get(name);
      if (place === undefined) throw noVariable(name, [...places.keys()]);
      return cut(place.group.weights, place.parameter);
    },
    gradient: (parameter, term) => gradients.of(groupOf(parameter.owner), term, parameter),
    batches: gradients,
    squaredNorm: (owner, task) => gradients.squaredNorm(groupOf(owner), task),
    gram: (parameter, present, normsOnly, out) => gradients.gram(parameter, present, normsOnly, out),
    weighted: (parameter, present, weights) => ({
      squaredNorm: () => gradients.weightedNorm(parameter, present, weights),
      apply({ scale, bound }) {
        const all = gradients.accumulators(parameter, present);
        const cells = weightCells.f32;
        for (let k = 0; k < weights.length; k++) cells[k] = (weights[k] as number) * scale;
        const by = { weights: cells, perRow: false };
        kernels.applyTasks(optimized(shared, parameter), asRow(), all, by, buffer.f32, bound);
      },
    }),
    apart: (parameter, present, weights) => ({
      squaredNorm: () => 0,
      apply() {
        const moments = own as DenseApart;
        moments.advance(shared.step);
        const all = gradients.accumulators(parameter, present);
        weightCells.f32.set(weights);
        kernels.configure(moments.hyperparameters(optimizer, rate));
        kernels.applyApart(moments.rows(parameter), asRow(), all, weightCells.f32, moments.corrections);
        kernels.configure(hyperparameters(optimizer, rate));
        kernels.correct(...adamCorrection(optimizer, rate, shared.step));
      },
    }),
    valued: (parameter, values) => ({
      squaredNorm: () => squaredNormOf(values(), parameter.size),
      apply({ scale, bound }) {
        let source = values();
        if (!arena.owns(source)) {
          buffer.f32.set(source);
          source = buffer.f32;
        }
        kernels.applyValues(optimized(groupOf(parameter.owner), parameter), asRow(), source, scale, bound);
      },
    }),
    begin(owner) {
      const group = groupOf(owner);
      group.step++;
      version++;
      kernels.configure(hyperparameters(optimizer, rate));
      kernels.correct(...adamCorrection(optimizer, rate, group.step));
    },
    setLearningRate(learningRate) {
      rate = learningRate;
    },
    state() {
      const steps: Record<string, number> = {};
      for (const group of groups.values()) steps[label(group.owner)] = group.step;
      return { arrays: new Map([...[...groups.values()].flatMap(stateOf), ...(own?.state() ?? [])]), steps };
    },
    restore(arrays, steps) {
      version++;
      for (const group of groups.values()) {
        group.step = steps[label(group.owner)] ?? 0;
        for (const [key, into] of stateOf(group)) restoreArray(arrays, key, into);
      }
      for (const [key, into] of own?.state() ?? []) restoreArray(arrays, key, into);
    },
    memory: () => ({
      ...memoryOf(groups.values(), own?.bytes ?? 0),
      scratch: zeros.bytes + weightCells.bytes + buffer.bytes + gradients.bytes(),
    }),
  };
}

/** Bytes of all groups' variables, and of what the optimiser keeps for them. */
function memoryOf(groups: Iterable<DenseGroup>, apart: number): Pick<MemoryUse, "weights" | "optimizer"> {
  let weights = 0;
  let optimizer = apart;
  for (const group of groups) {
    weights += group.weights.bytes;
    for (const { region } of group.state) optimizer += region.bytes;
  }
  return { weights, optimizer };
}

/** Every variable by name. */
function placesOf(groups: Iterable<DenseGroup>): Map<string, { group: DenseGroup; parameter: DenseParameter }> {
  const places = new Map<string, { group: DenseGroup; parameter: DenseParameter }>();
  for (const group of groups) {
    for (const parameter of group.parameters) places.set(parameter.name, { group, parameter });
  }
  return places;
}

function optimized({ weights, state }: DenseGroup, parameter: DenseParameter): OptimizedRows {
  const [first, second] = state.map(({ region }) => cut(region, parameter));
  return { weights: cut(weights, parameter), first: first ?? null, second: second ?? null, dim: parameter.size };
}

/** Weights and moments of a group that has variables, as views of live memory. */
function stateOf({ owner, size, weights, state }: DenseGroup): [string, StateArray][] {
  if (size === 0) return [];
  const name = `dense/${label(owner)}`;
  const moments = state.map(({ key, region }): [string, StateArray] => [
    `${key}/${name}`,
    region.f32.subarray(0, size),
  ]);
  return [[name, weights.f32.subarray(0, size)], ...moments];
}

const noVariable = (name: string, known: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "not-found",
    what: `no variable ${name}`,
    where: "engine.variable",
    remedy: `the variables are ${known.join(", ")}`,
  });
