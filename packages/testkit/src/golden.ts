/** Golden vectors: what reference codes answered to given gradients, in a JSON file beside the tests that read it. */
export { type Closeness, expectClose, hasNoAnswer, largest } from "./golden/close.js";
export { describeExact, errorsOf, type ExactAnswers, peer, type Peer } from "./golden/exact.js";
export {
  caseOf,
  type Decoded,
  flatten,
  type Golden,
  type GoldenInput,
  type GoldenRecord,
  type Matrix,
  outputsOf,
  readGolden,
  recordsOf,
  sharedAndHeads,
  stepsOf,
  titleOf,
} from "./golden/records.js";
export {
  answersTo,
  combinedOf,
  expectAnswers,
  inOrder,
  lossWeights,
  type PoolRun,
  type PoolStep,
  poolSteps,
} from "./golden/run.js";
export {
  describeRecorded,
  expectRecorded,
  type Played,
  playRecorded,
  type Recorded,
  recordedOf,
  type RecordedStep,
  type RecordedSteps,
} from "./golden/recorded.js";
