export { readSnapshot, type Snapshot, type StoredArray, writeSnapshot } from "./checkpoint/format.js";
export { type CheckpointStore, checkpointStore } from "./checkpoint/store.js";
export type * from "./engine.js";
export { type ClassificationEvaluation, classificationEvaluator } from "./evaluate/classification.js";
export { type RankingEvaluation, type RankingPart, rankingEvaluator, usersWithAny } from "./evaluate/ranking.js";
export type * from "./fit/events.js";
export { type Feed, jointFeed, perTaskFeed } from "./fit/feed.js";
export { type Evaluate, type Fit, fit, type FitOptions } from "./fit/fit.js";
