import { given } from "@gradpool/core";
import type { CategoricalField, ImpressionsBatch } from "./batches.js";
import type { BatchPlan } from "./plan.js";

/** A field's values in a batch. */
interface FieldArrays {
  readonly ids: Int32Array;
  /** Of several values a row. */
  readonly offsets: Int32Array | undefined;
}

/** The arrays of a batch, views of one buffer. */
export interface BatchArrays {
  readonly users: Int32Array;
  readonly fields: readonly FieldArrays[];
  readonly numerical: Float32Array;
  readonly labels: readonly Float32Array[];
  readonly masks: readonly Uint8Array[];
  readonly weights: Float32Array | undefined;
}

type Make = <A>(
  array: new (buffer: ArrayBufferLike, start: number, length: number) => A,
  bytes: number,
  length: number,
) => A;

function lay(plan: BatchPlan, capacity: number, make: Make): BatchArrays {
  const i32 = (length: number): Int32Array => make(Int32Array, 4, length);
  const f32 = (length: number): Float32Array => make(Float32Array, 4, length);
  const u8 = (length: number): Uint8Array => make(Uint8Array, 1, length);
  return {
    users: i32(capacity),
    fields: plan.fields.map(({ kind, longest }) => ({
      ids: i32(capacity * longest),
      offsets: kind === "multi-hot" ? i32(capacity + 1) : undefined,
    })),
    numerical: f32(capacity * plan.numericalNames.length),
    labels: plan.tasks.map(() => f32(capacity)),
    masks: plan.tasks.map(() => u8(capacity)),
    weights: plan.weighted ? f32(capacity) : undefined,
  };
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Bytes of a batch of `capacity` rows. */
export function batchBytes(plan: BatchPlan, capacity: number): number {
  let bytes = 0;
  lay(plan, capacity, (array, width, length) => {
    bytes += padded(width * length);
    return new array(new ArrayBuffer(0), 0, 0);
  });
  return bytes;
}

/** A batch's arrays in a buffer, from `start` on, where there are {@link batchBytes}. */
export function batchArrays(plan: BatchPlan, capacity: number, buffer: ArrayBufferLike, start = 0): BatchArrays {
  let at = start;
  return lay(plan, capacity, (array, width, length) => {
    const made = new array(buffer, at, length);
    at += padded(width * length);
    return made;
  });
}

/** The first `size` rows of the arrays as a batch. */
export function batchOf(plan: BatchPlan, arrays: BatchArrays, size: number): ImpressionsBatch {
  const { tasks, numericalNames } = plan;
  return {
    kind: "impressions",
    size,
    tasks,
    users: arrays.users.subarray(0, size),
    fields: plan.fields.map((field, k): CategoricalField => {
      const { name, vocabulary, pooling } = field;
      const { ids, offsets } = arrays.fields[k] as FieldArrays;
      if (offsets === undefined) return { kind: "one-hot", name, vocabulary, ids: ids.subarray(0, size) };
      const own = { offsets: offsets.subarray(0, size + 1), ids };
      return { kind: "multi-hot", name, vocabulary, ...own, ...given({ pooling }) };
    }),
    numericalNames,
    numerical: arrays.numerical.subarray(0, size * numericalNames.length),
    labels: arrays.labels.map((column) => column.subarray(0, size)),
    masks: arrays.masks.map((column) => column.subarray(0, size)),
    ...given({ weights: arrays.weights?.subarray(0, size) }),
  };
}
