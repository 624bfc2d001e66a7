import type { FloatArray, ParameterInfo } from "@gradpool/core";

/**
 * Some of a step's shared parameters with their T gradients, wherever these are kept: touched rows of tables, tensors on
 * a device. Parts are joined into one TaskGradients (`joinParts`), so a Gram is asked of each part where its data
 * lies, and only T × T numbers per group travel.
 */
export interface GradientPart {
  readonly tasks: number;
  readonly parameters: readonly ParameterInfo[];
  /**
   * Raw inner products ⟨gᵢ, gⱼ⟩ in float64, per group, T × T row-major (lower triangle at least; `norms`: the diagonal at
   * least). Group order: the parameters in order; at row granularity a table has one group per touched row, else one.
   * May be a view: read it before the next step.
   */
  gram(granularity: "parameter" | "row", detail: "norms" | "gram"): Float64Array;
  /**
   * A short cut for methods that look at norms only: ‖gᵢ‖, groups × T, as a new array; null where `gram` has to do. Norms
   * of rows are so many that T × T numbers per row would cost more than the norms.
   */
  norms?(granularity: "parameter" | "row"): Float64Array | null;
  /** The T gradients of a parameter. Views where possible; not to be written to. */
  values(parameter: string): readonly FloatArray[];
}
