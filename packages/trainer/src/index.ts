export {
  readSnapshot,
  readSnapshotJson,
  type Snapshot,
  type StoredArray,
  type StoredSnapshot,
  writeSnapshot,
} from "./checkpoint/format.js";
export { type CheckpointStore, checkpointStore } from "./checkpoint/store.js";
export { loadWeights } from "./fit/best.js";
export { createEngine } from "./create-engine.js";
export type * from "./engine/contract.js";
export type * from "./engine/options.js";
export type { Evaluate, Metrics, UserValues } from "./evaluate/contract.js";
export type { TableMemoryOptions } from "./memory/options.js";
export type { MemoryUse } from "./memory/use.js";
export type { OptimizerSpec, ResolvedOptimizer } from "./optimizer/spec.js";
export type { StateArray } from "./parameters/state.js";
export {
  type ClassificationEvaluation,
  classificationEvaluator,
  type JudgedColumn,
  judgeLabelled,
} from "./evaluate/classification.js";
export { judgeRankings, usersWithAny } from "./evaluate/judge.js";
export type { JudgeOptions, RankingPart } from "./evaluate/part.js";
export { ratingUnit } from "./evaluate/rating-errors.js";
export { judgeModel, type RankingEvaluation, rankingEvaluator } from "./evaluate/ranking.js";
export {
  type BegunRanking,
  type ItemRanker,
  itemRanker,
  type ItemRankerOptions,
  type RankRequest,
  scoreRanker,
  type ScoreRankerOptions,
  type Vectors,
  vectorsOf,
} from "./evaluate/rank-items.js";
export { freeThreads } from "./threads/free.js";
export { breather } from "./event-loop/breathe.js";
export type * from "./fit/events.js";
export { accumulatedFeed, type Feed, type FeedMore, type FeedOffers, jointFeed, perTaskFeed } from "./fit/feed.js";
export { type Fit, fit } from "./fit/fit.js";
export { type Arrival, type Arrivals, follow, type FollowOptions } from "./fit/follow.js";
export { grownArrays } from "./fit/grow.js";
export type { FitOptions } from "./fit/options.js";
export type { Schedule } from "./fit/schedule.js";
export type { Clip } from "./engine/limit.js";
export { type JoinedGradients, joinParts } from "./gradients/join.js";
export type { GradientPart } from "./gradients/part.js";
export { resolveOptimizer } from "./optimizer/resolve.js";
export { createTableStore } from "./tables/create-store.js";
export { standIn } from "./tables/composed.js";
export type { Gathered, RowWeights, TableMode, TableStore, TableStoreOptions } from "./tables/store.js";
export type { BackendName } from "./backends/loaders.js";
export { selectBackend, type SelectedBackend, type SelectOptions } from "./backends/select.js";
