import { GradpoolError } from "@gradpool/core";

/** Numbers that a checkpoint holds. */
export type StateArray = Float32Array | Float64Array | Int32Array;

/** Copies the array of this name into live memory. Error `shape`: it is not there, or of another length. */
export function restoreArray(arrays: ReadonlyMap<string, StateArray>, key: string, into: StateArray): void {
  const values = arrays.get(key);
  if (values?.length === into.length) {
    into.set(values);
    return;
  }
  throw new GradpoolError({
    code: "shape",
    what: `${values?.length ?? "no"} values`,
    where: `restored state ${key}`,
    remedy: `give ${into.length}, from a run with the same model and optimiser`,
  });
}
