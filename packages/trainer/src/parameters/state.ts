/** Numbers that a checkpoint holds. */
export type StateArray = Float32Array | Float64Array | Int32Array;
