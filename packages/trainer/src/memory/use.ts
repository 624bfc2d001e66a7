/** Bytes held for weights, optimiser state and scratch. */
export interface MemoryUse {
  readonly weights: number;
  readonly optimizer: number;
  readonly scratch: number;
}
