export { type ArbitraryOptions, exactScales, type GradientCase, gradientCases } from "./arbitraries.js";
export type { ConformanceCase } from "./case.js";
export { conformanceCases, type ConformanceOptions, describeMethod, type Runner } from "./conformance.js";
export type { KnownAnswer } from "./known.js";
export {
  checkNonConflicting,
  checkPermutationEquivariant,
  checkProperty,
  checkScaleLinear,
  checkTargetDescent,
  checkTaskScaleInvariant,
  type PropertyOptions,
} from "./properties.js";
export { denseStep, type Outcome, play, type Scenario, type Step } from "./scenario.js";
