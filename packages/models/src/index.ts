export { clickModel, type ClickOptions } from "./click.js";
export { type Embedded, fieldInput, type FieldInput, type FieldOptions } from "./field-input.js";
export type { ClickField, FieldSet } from "./fields.js";
export {
  cross,
  crossSpecs,
  crossV2,
  factorisation,
  type Interaction,
  interaction,
  type InteractionName,
} from "./interactions.js";
export { kernels, type LayerKernels } from "./kernels.js";
export { type Activation, dense, denseSpecs } from "./layers.js";
export { mf, type MfOptions } from "./mf.js";
export { hidden, type Stack, tower, towerSpecs } from "./mlp.js";
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
export { type TowerShape, type Towers, towers } from "./towers.js";
