/** Rows that are added up in float64, since too many entries meet them for float32. */
export interface WideRows {
  /** By slot or node: its row of `sums`, or −1. */
  readonly places: Int32Array;
  readonly sums: Float64Array;
}
