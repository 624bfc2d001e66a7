export { beginTopK, type BegunTopK, rankTopK, rankTopKInChunks } from "./topk/rank.js";
export { rankTopKBy, type ScoredTopKOptions } from "./topk/by-score.js";
export type { CutTies, ItemExposure, ItemLists, TopK, TopKOptions } from "./topk/types.js";
export { evaluateRanking, type RankingOptions, type RankingReport } from "./ranking/evaluate.js";
export { type CatalogueOptions, evaluateCatalogue } from "./ranking/catalogue.js";
export { evaluateSampled, type SampledOptions } from "./sampled/evaluate.js";
export type { PairScores } from "./sampled/blocks.js";
export type { RelevantItems } from "./ranking/relevant.js";
export { auc, aucPerUser, gauc, type UserAuc } from "./classification/auc.js";
export { LOG_LOSS_CLIP, logLoss, logLossFromLogits, normalizedEntropy } from "./classification/entropy.js";
export { type ClassificationOptions, evaluateClassification } from "./classification/evaluate.js";
export { type LabelledRows, type ValuesPerUser, valuesPerUser } from "./classification/per-user.js";
export { addRow, noRows, type RunningSums } from "./classification/running.js";
export { evaluateSorted, type RowChunk, type SortedRows } from "./classification/sorted.js";
export { valuesPerUserSorted } from "./classification/sorted-per-user.js";
export { mae, rmse } from "./rating/errors.js";
export { evaluateRatings, type RatingOptions } from "./rating/evaluate.js";
export { describeUndefined, type MetricReport, meanOverTasks, type UndefinedMetric } from "./report.js";
export { averageOverTasks, neGain, neGainRelative, qpsDrop, relativeImprovement } from "./compare.js";
export { type Monitor, readMonitor } from "./monitor/monitor.js";
export {
  type CatalogueMetric,
  type CatalogueMetricName,
  type ClassificationMetric,
  type ClassificationMetricName,
  type GaucWeighting,
  type Metric,
  metricNames,
  metricParts,
  parseMetric,
  type RankingMetric,
  type RankingMetricName,
  type RatingMetric,
  type RatingMetricName,
} from "./names.js";
export { type PairedT, pairedT, type Wilcoxon, wilcoxon } from "./stats/paired.js";
export { averageRanks, holm } from "./stats/ranks.js";
export { type Summary, summarize } from "./stats/summary.js";
