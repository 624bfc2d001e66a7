// The contract.
export { type Diagnostics, type PoolContext, type Random, type RandomState, type Validation } from "./context.js";
export * from "./errors.js";
export { type Given, given } from "./given.js";
export * from "./gradients.js";
export * from "./json.js";
export * from "./method.js";
export { type NamesOf, requireNames, requireWord } from "./names.js";
export * from "./options.js";
export * from "./pool.js";
export * from "./state.js";
export * from "./tasks.js";
// Pools from rules, and pools from pools.
export * from "./compose/chain.js";
export * from "./compose/clip-tasks.js";
export * from "./compose/level.js";
export { askPool, startPool } from "./define/ask.js";
export * from "./define/definition.js";
export { requireFinite } from "./define/finite.js";
export { framesOf, isOurs } from "./define/frames.js";
export * from "./define/learned.js";
export * from "./define/losses.js";
export { noteOrigin } from "./define/origin.js";
export { visitOrder } from "./define/order.js";
export * from "./define/part.js";
export { definePool } from "./define/pool.js";
export { type Offers, requireOffers } from "./define/offers.js";
export { taskVector } from "./define/vector.js";
// The contract on typed arrays.
export { type ContextInput, poolContext } from "./reference/context.js";
export { averageOf, batchesOf, crossGram } from "./reference/batches.js";
export * from "./reference/running.js";
export type { DenseGradients, RowGradients, TaskGradientsInput } from "./reference/stored.js";
export { taskGradients } from "./reference/task-gradients.js";
// Arithmetic.
export { columnSums } from "./gram/column-sums.js";
export { foldGrams } from "./gram/fold.js";
export { type Gram, inner } from "./gram/problem.js";
export { allocateGramSet, unitRows } from "./gram/unit.js";
export { createRandom, restoreRandom } from "./random/create.js";
export type { PerGroup } from "./rows/groups.js";
export { type PackedRows, packedRows, type RowWriter, writeRows } from "./rows/packed.js";
