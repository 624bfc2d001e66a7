/** A model as a graph of tfjs kernels, ready to be written in another program's words. */
export type Dtype = "float32" | "int32" | "bool";

export interface Value {
  readonly name: string;
  readonly dtype: Dtype;
  /** −1: the number of rows; −2: any number. */
  readonly shape: readonly number[];
}

export interface Constant extends Value {
  readonly values: Float32Array | Int32Array | Uint8Array;
}

export interface KernelCall {
  /** As tfjs names it: `BatchMatMul`, `Relu`, … */
  readonly kernel: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface DenseGraph {
  /** By the features' names. */
  readonly inputs: readonly Value[];
  readonly constants: readonly Constant[];
  readonly calls: readonly KernelCall[];
  /** By the tasks' names, probabilities, [rows]. */
  readonly outputs: readonly Value[];
}
