/** Where tables live. */
export interface TableMemoryOptions {
  /**
   * `wasm`: tables in WebAssembly memories, one after the other as they fill; a table that fits none (weights and optimiser
   * state must lie in one) is kept in plain typed arrays. `plain`: everything there. Same results. Default `wasm`.
   */
  readonly kernels?: "wasm" | "plain";
  /** Bytes that one memory may hold. Default 4 GiB, wasm32's limit. Tests make it small. */
  readonly limit?: number;
}
