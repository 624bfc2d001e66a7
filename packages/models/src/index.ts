export { clickModel, type ClickOptions } from "./click.js";
export type { ClickField } from "./fields.js";
export { cross, crossSpecs, factorisation } from "./interactions.js";
export { kernels, type LayerKernels } from "./kernels.js";
export { type Activation, dense, denseSpecs, hidden } from "./layers.js";
export { mf, type MfOptions } from "./mf.js";
export * from "./model.js";
export { plainOps, sigmoid, softplus } from "./ops.js";
export { sharedBottom, type SharedBottomOptions } from "./shared-bottom.js";
export {
  alignmentUniformity,
  bpr,
  categoryPair,
  type EmbeddingSpace,
  itemPair,
  jointPointwise,
  pairs,
  pointwise,
  type RatingOptions,
  ratings,
  socialLink,
  type TaskBuilder,
} from "./tasks.js";
