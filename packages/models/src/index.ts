export { aitm, type AitmOptions } from "./aitm.js";
export { batchNorm, normSpecs, withStatistics } from "./batch-norm.js";
export { calibrator } from "./calibrator.js";
export type { Model } from "./kinds/model.js";
export { clickModel, type ClickOptions } from "./click.js";
export { detached } from "./detached.js";
export { esmm, type EsmmOptions } from "./esmm.js";
export { type ExpertLevels, expertLevels, type LevelInputs, type LevelsShape } from "./expert-levels.js";
export type { ExpertOptions } from "./expert-options.js";
export { experts, type ExpertShape, expertSpecs } from "./experts.js";
export { firstOrder, type FirstOrder } from "./first-order.js";
export { type FieldSource, type Embedded, fieldInput, type FieldInput, type FieldOptions } from "./field-input.js";
export type { ClickField, FieldSet } from "./fields.js";
export type { FunnelOptions } from "./funnel-options.js";
export { gate, type GateShape, gateSpecs } from "./gates.js";
export type * from "./graph/contract.js";
export {
  type Graph,
  type GraphEdges,
  graphOf,
  type PairColumns,
  type PairLists,
  type Weighted,
} from "./graph/graph.js";
export { lightgcn, type LightGcnOptions } from "./graph/lightgcn.js";
export { graphMatrix, type GraphMatrix } from "./graph/matrix.js";
export type { GraphModelOptions } from "./graph/model.js";
export type { GraphModel } from "./graph/model-type.js";
export { ngcf, type NgcfOptions } from "./graph/ngcf.js";
export type { NgcfForm } from "./graph/ngcf-layer.js";
export { plainGraphOps } from "./graph/plain-ops.js";
export {
  cross,
  crossSpecs,
  crossV2,
  factorisation,
  type Interaction,
  interaction,
  type InteractionName,
  secondOrder,
} from "./interactions.js";
export { kernels, type LayerKernels } from "./kernels.js";
export { type Activation, dense, denseSpecs } from "./layers.js";
export { mf, type MfOptions } from "./mf.js";
export { mix, mixByWeights, outer } from "./mix.js";
export { hidden, hiddenSpecs, type Stack, tower, towerSpecs } from "./mlp.js";
export { mmoe, type MmoeOptions } from "./mmoe.js";
export type * from "./contract/embedding.js";
export type * from "./contract/parameters.js";
export type * from "./contract/ranking.js";
export type * from "./contract/tensor.js";
export { plainOps, sigmoid, softplus } from "./ops.js";
export { cgc, type CgcOptions, ple, type PleOptions } from "./ple.js";
export { pleDeepfm, type PleDeepfmOptions } from "./ple-deepfm.js";
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
export type { SideFeatures } from "./side-tables.js";
export { stem, type StemOptions } from "./stem.js";
export { type TowerShape, type Towers, towers } from "./towers.js";
