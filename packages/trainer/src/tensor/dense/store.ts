import { GradpoolError } from "@gradpool/core";
import type { VariableSpec } from "@gradpool/models";
import type { MemoryUse } from "../../memory/use.js";
import type { ResolvedOptimizer } from "../../optimizer/spec.js";
import type { StateArray } from "../../parameters/state.js";
import { adamCorrection, hyperparameters, stateNames } from "../../optimizer/resolve.js";
import type { Arena, Region } from "../../memory/arena.js";
import { initialize } from "../../parameters/initialize.js";

/** One variable's place in its owner's flat arrays. */
export interface DenseParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly module: string;
  readonly at: number;
  readonly size: number;
}

/** The variables of one owner (the shared ones, or one task's head), flat, with their moments and a step counter of their own. */
interface Group {
  readonly owner: string | null;
  readonly parameters: readonly DenseParameter[];
  readonly size: number;
  readonly weights: Region;
  readonly state: readonly Region[];
  /** One per task for the shared variables, made when first asked for; one for a head. */
  readonly gradients: (Region | undefined)[];
  step: number;
}

/**
 * The dense variables on the host, with gradients and optimiser: the same kernels as for table rows, one row per variable. A
 * step moves each gradient off the device once and each variable onto it once; what tfjs' own Adam does in ten kernels
 * per variable is one pass here.
 */
export interface DenseStore {
  readonly shared: readonly DenseParameter[];
  head(task: string): readonly DenseParameter[];
  /** Counts the changes of the weights: what was read before is stale once it moves. */
  readonly version: number;
  values(name: string): Float32Array;
  /** Where task t's gradient of a shared variable (or a head's own) is written. */
  gradient(parameter: DenseParameter, owner: string | null, task: number): Float32Array;
  /** Squared norm of task t's gradients of an owner: not finite if any coordinate is not. */
  squaredNorm(owner: string | null, task: number): number;
  /** Raw inner products of tasks' gradients of a shared variable, T × T; absent tasks keep 0. */
  gram(parameter: DenseParameter, present: readonly boolean[], normsOnly: boolean, out: Float64Array): void;
  /** One optimiser step: weights per task (of those whose gradient was written), or the combined gradient itself. */
  applyWeighted(parameter: DenseParameter, present: readonly boolean[], weights: Float32Array): void;
  applyValues(parameter: DenseParameter, owner: string | null, values: Float32Array): void;
  /** Starts an owner's optimiser step; call before its `apply…`. */
  begin(owner: string | null): void;
  setLearningRate(learningRate: number): void;
  state(): { readonly arrays: ReadonlyMap<string, StateArray>; readonly steps: Readonly<Record<string, number>> };
  restore(arrays: ReadonlyMap<string, StateArray>, steps: Readonly<Record<string, number>>): void;
  memory(): MemoryUse;
}

export interface DenseStoreOptions {
  readonly variables: readonly VariableSpec[];
  readonly tasks: readonly string[];
  readonly optimizer: ResolvedOptimizer;
  readonly arena: Arena;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
}

const label = (owner: string | null): string => (owner === null ? "shared" : `head/${owner}`);

export function denseStore(options: DenseStoreOptions): DenseStore {
  const { arena, optimizer, tasks, seed } = options;
  const { kernels } = arena;
  const names = stateNames(optimizer);
  const groups = new Map<string | null, Group>();
  for (const owner of [null, ...tasks]) groups.set(owner, makeGroup(owner));
  const places = new Map<string, { group: Group; parameter: DenseParameter }>();
  for (const group of groups.values()) {
    for (const parameter of group.parameters) places.set(parameter.name, { group, parameter });
  }
  const widest = Math.max(1, ...[...places.values()].map(({ parameter }) => parameter.size));
  const one = arena.allocate(4);
  const zeros = arena.allocate(4 * tasks.length);
  const positions = arena.allocate(4 * tasks.length);
  const weightsCell = arena.allocate(4 * tasks.length);
  const buffer = arena.allocate(4 * widest);
  const gramCell = arena.allocate(8 * tasks.length ** 2);
  let rate = optimizer.learningRate;
  let version = 0;

  function makeGroup(owner: string | null): Group {
    let at = 0;
    const parameters = options.variables
      .filter((variable) => variable.owner === owner)
      .map((variable): DenseParameter => {
        const size = variable.shape.reduce((product, side) => product * side, 1);
        const parameter = {
          name: variable.name,
          shape: variable.shape,
          module: variable.module ?? variable.name,
          at,
          size,
        };
        at += size;
        return parameter;
      });
    const weights = arena.allocate(4 * at);
    const state = names.map(() => arena.allocate(4 * at));
    for (const parameter of parameters) {
      const { name, shape, size } = parameter;
      const out = weights.f32.subarray(parameter.at, parameter.at + size);
      const start = options.initial?.get(name);
      if (start !== undefined && start.length !== size) {
        throw new GradpoolError({
          code: "shape",
          what: `${start.length} start values`,
          where: name,
          remedy: `give ${size}`,
        });
      }
      const init = options.variables.find((variable) => variable.name === name)?.init ?? { kind: "constant", value: 0 };
      if (start === undefined) initialize(out, shape, init, seed, name);
      else out.set(start);
    }
    return { owner, parameters, size: at, weights, state, gradients: [], step: 0 };
  }

  const groupOf = (owner: string | null): Group => {
    const group = groups.get(owner);
    if (group === undefined) throw new RangeError(`no task ${owner ?? ""}`);
    return group;
  };
  const gradientsOf = (group: Group, task: number): Region => {
    const slot = group.owner === null ? task : 0;
    return (group.gradients[slot] ??= arena.allocate(4 * group.size));
  };
  const part = (region: Region, { at, size }: DenseParameter): Float32Array => region.f32.subarray(at, at + size);
  const moments = (group: Group, parameter: DenseParameter): [Float32Array | null, Float32Array | null] => [
    group.state[0] === undefined ? null : part(group.state[0], parameter),
    group.state[1] === undefined ? null : part(group.state[1], parameter),
  ];

  /** Gradients of present tasks as accumulators of one row; the others are marked as missing. */
  function accumulators(parameter: DenseParameter, present: readonly boolean[]): Float32Array[] {
    const shared = groupOf(null);
    const first = present.indexOf(true);
    const fallback = gradientsOf(shared, Math.max(0, first));
    present.forEach((here, t) => {
      if (here) gradientsOf(shared, t);
    });
    present.forEach((here, t) => (positions.i32[t] = here ? 0 : -1));
    return present.map((here, t) => part(here ? gradientsOf(shared, t) : fallback, parameter));
  }

  return {
    shared: groupOf(null).parameters,
    head: (task) => groupOf(task).parameters,
    get version() {
      return version;
    },
    values(name) {
      const place = places.get(name);
      if (place === undefined) {
        throw new GradpoolError({
          code: "invalid-input",
          what: `no variable ${name}`,
          where: "engine.variable",
          remedy: `the variables are ${[...places.keys()].join(", ")}`,
        });
      }
      return part(place.group.weights, place.parameter);
    },
    gradient: (parameter, owner, task) => part(gradientsOf(groupOf(owner), task), parameter),
    squaredNorm(owner, task) {
      const group = groupOf(owner);
      const region = gradientsOf(group, task);
      gramCell.f64[0] = 0;
      positions.i32[0] = 0;
      const g = [region.f32.subarray(0, group.size)];
      kernels.gram(positions.i32, 1, 1, g, group.size, true, null, false, gramCell.f64);
      return gramCell.f64[0] as number;
    },
    gram(parameter, present, normsOnly, out) {
      const rows = accumulators(parameter, present);
      const cells = tasks.length ** 2;
      gramCell.f64.fill(0, 0, cells);
      kernels.gram(positions.i32, 1, tasks.length, rows, parameter.size, normsOnly, null, false, gramCell.f64);
      out.set(gramCell.f64.subarray(0, cells));
    },
    applyWeighted(parameter, present, weights) {
      const group = groupOf(null);
      const rows = accumulators(parameter, present);
      const [first, second] = moments(group, parameter);
      weightsCell.f32.set(weights);
      kernels.applyTasks(
        part(group.weights, parameter),
        first,
        second,
        zeros.i32,
        1,
        null,
        positions.i32,
        tasks.length,
        rows,
        weightsCell.f32,
        false,
        parameter.size,
        buffer.f32,
      );
    },
    applyValues(parameter, owner, values) {
      const group = groupOf(owner);
      let source = values;
      if (!arena.owns(values)) {
        source = buffer.f32;
        source.set(values);
      }
      const [first, second] = moments(group, parameter);
      kernels.applyValues(part(group.weights, parameter), first, second, zeros.i32, 1, null, source, parameter.size);
    },
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
      const arrays = new Map<string, StateArray>();
      const steps: Record<string, number> = {};
      for (const group of groups.values()) {
        const owner = label(group.owner);
        steps[owner] = group.step;
        if (group.size === 0) continue;
        arrays.set(`dense/${owner}`, group.weights.f32.subarray(0, group.size));
        group.state.forEach((region, k) =>
          arrays.set(`${names[k]}/dense/${owner}`, region.f32.subarray(0, group.size)),
        );
      }
      return { arrays, steps };
    },
    restore(arrays, steps) {
      version++;
      for (const group of groups.values()) {
        const owner = label(group.owner);
        group.step = steps[owner] ?? 0;
        if (group.size === 0) continue;
        const read = (key: string, region: Region): void => {
          const array = arrays.get(key);
          if (array?.length !== group.size) {
            throw new GradpoolError({
              code: "invalid-input",
              what: array === undefined ? `no array ${key}` : `${key} has ${array.length} numbers`,
              where: "snapshot",
              remedy: `restore a snapshot of the same model and optimiser (${group.size} numbers)`,
            });
          }
          region.f32.set(array);
        };
        read(`dense/${owner}`, group.weights);
        group.state.forEach((region, k) => read(`${names[k]}/dense/${owner}`, region));
      }
    },
    memory() {
      let weights = 0;
      let state = 0;
      let scratch = one.bytes + zeros.bytes + positions.bytes + weightsCell.bytes + buffer.bytes + gramCell.bytes;
      for (const group of groups.values()) {
        weights += group.weights.bytes;
        for (const region of group.state) state += region.bytes;
        for (const region of group.gradients) scratch += region?.bytes ?? 0;
      }
      return { weights, optimizer: state, scratch };
    },
  };
}
