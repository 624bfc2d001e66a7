export * from "./chain.js";
export * from "./context.js";
export {
  columnSums,
  type Decision,
  definePool,
  type GroupContext,
  type MixDefinition,
  type Mixing,
  type WeighDefinition,
  type Weighing,
} from "./define.js";
export * from "./errors.js";
export * from "./gradients.js";
export { requireFinite } from "./finite.js";
export { type Given, given } from "./given.js";
export { foldGrams, type Gram, type GramSet, type GroupBlock, inner } from "./gram.js";
export type { PerGroup } from "./groups.js";
export * from "./json.js";
export * from "./losses.js";
export * from "./method.js";
export * from "./options.js";
export * from "./pool.js";
export * from "./random.js";
export * from "./running.js";
export type { PackedRows } from "./rows.js";
export * from "./state.js";
export * from "./tasks.js";
export * from "./vector.js";
