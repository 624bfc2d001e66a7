import type { VariableSpec } from "@gradpool/models";
import type { Arena, Region } from "../../memory/arena.js";
import { startValues } from "../../parameters/start.js";

/** The function of the model that reads a variable. */
export type Place = "trunk" | "heads";

/** One variable's place in its owner's flat arrays. */
export interface DenseParameter {
  readonly name: string;
  readonly owner: string | null;
  readonly place: Place;
  readonly shape: readonly number[];
  readonly at: number;
  readonly size: number;
}

/** The variables of one owner (the shared ones, or one task's head), flat, with their moments and a step counter of their own. */
export interface DenseGroup {
  readonly owner: string | null;
  readonly parameters: readonly DenseParameter[];
  readonly size: number;
  readonly weights: Region;
  /** Optimiser state by name. */
  readonly state: readonly { readonly key: string; readonly region: Region }[];
  step: number;
}

export interface GroupOptions {
  readonly variables: readonly VariableSpec[];
  readonly arena: Arena;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
}

/** A group at its start values. `states`: the optimiser's state rows. */
export function denseGroup(owner: string | null, states: readonly string[], options: GroupOptions): DenseGroup {
  const { arena, seed, initial } = options;
  const own = options.variables.filter((variable) => variable.owner === owner);
  let size = 0;
  const parameters = own.map(({ name, shape, place = owner === null ? "trunk" : "heads" }): DenseParameter => {
    const parameter = { name, owner, place, shape, at: size, size: shape.reduce((product, side) => product * side, 1) };
    size += parameter.size;
    return parameter;
  });
  const weights = arena.allocate(4 * size);
  const state = states.map((key) => ({ key, region: arena.allocate(4 * size) }));
  own.forEach((variable, k) => startValues(cut(weights, parameters[k] as DenseParameter), variable, seed, initial));
  return { owner, parameters, size, weights, state, step: 0 };
}

/** A variable's part of a region that holds its whole group. */
export function cut({ f32 }: Region, { at, size }: DenseParameter): Float32Array {
  return f32.subarray(at, at + size);
}
