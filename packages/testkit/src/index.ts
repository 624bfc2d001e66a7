export { type ArbitraryOptions, exactScales, type GradientCase, gradientCases } from "./pools/arbitraries.js";
export type { ConformanceCase } from "./case.js";
export type { Runner } from "./runner.js";
export { conformanceCases, type ConformanceOptions, describeMethod } from "./pools/conformance.js";
export type { KnownAnswer } from "./pools/known.js";
export {
  checkNonConflicting,
  checkPermutationEquivariant,
  checkProperty,
  checkScaleLinear,
  checkTargetDescent,
  checkTaskScaleInvariant,
  type PropertyOptions,
} from "./pools/properties.js";
export { denseStep, type Outcome, play, type Scenario, type Step } from "./pools/scenario.js";
export { describeModel, modelCases } from "./models/conformance.js";
export type {
  Batches,
  BatchLike,
  EmbeddingModelLike,
  EngineLike,
  EngineRequest,
  LookupLike,
  ModelKit,
  ModelLike,
  TableLike,
  TensorModelLike,
  VariableLike,
} from "./models/types.js";
export { describeFormat, formatCases } from "./formats/conformance.js";
export type { FormatKit, FormatLike, FormatSample, MalformedLike, ReportLike } from "./formats/types.js";
export { describeMetric, metricCases } from "./metrics/conformance.js";
export type { MetricLike, MetricOptions, MetricRows } from "./metrics/types.js";
