export { type DataFacts, factsOf } from "./data/facts.js";
export { describeData, hashData, loadData, type LoadedData } from "./data/load.js";
export { namedSideTasks, noteOnValues, sideTasks } from "./data/side-tasks.js";
export { absoluteData, type DataSource, parseData } from "./data/spec.js";
export { noteOnNegatives } from "./evaluation/kept-negatives.js";
export { classification } from "./evaluation/classification.js";
export { ranking } from "./evaluation/ranking.js";
export { type Call, parseCall } from "./options/call.js";
export { type CardMetric, type CardMetrics, cardSchema, type ModelCard } from "./card/schema.js";
export { readCard } from "./card/write.js";
export { cardOf } from "./open/card.js";
export { type ExportFormat, exportFormats, type ExportOptions, exportRun } from "./export/export-run.js";
export type * from "./open/contract.js";
export type { KeptData, Names } from "./kept/contract.js";
export { comparedRuns, judgeRun, type JudgedRun, type PairedComparison } from "./open/compare.js";
export {
  type IdColumns,
  idsIn,
  newRowsIn,
  pairsIn,
  predictedTable,
  type PredictedTable,
  recommendationColumns,
  rowsIn,
  similarColumns,
  similarRows,
} from "./open/files.js";
export { openRun, type OpenOptions } from "./open/open-run.js";
export { optionError } from "./options/errors.js";
export {
  checkConfig,
  type Hyphenated,
  hyphenated,
  type OptionRow,
  readField,
  trainOptionRows,
} from "./options/read.js";
export { type OptionSpec, type OptionSpecs, rangeOf, requireKnown, type ValuesOf, written } from "./options/spec.js";
export {
  defaultConfig,
  type TrainConfig,
  type TrainField,
  trainFields,
  type TrainOption,
  trainOption,
  trainOptions,
} from "./options/training.js";
export { readSchedule, schedules } from "./options/schedule.js";
export { followRun, type FollowRunOptions } from "./run/follow.js";
export type { FollowEnds } from "./run/partitions.js";
export { holdsRun, pathsOf } from "./run/folder.js";
export type {
  DiagnosticPoint,
  GatePoint,
  LogLength,
  LogLengths,
  RecordedEntry,
  RecordedMetrics,
  RunCost,
  RunFile,
  RunResult,
  TrainMessage,
} from "./run/messages.js";
export { trainMessages } from "./run/messages.js";
export { monitorOf } from "./options/monitor.js";
export { readConfig } from "./run/read-config.js";
export { readResult } from "./run/result-file.js";
export { spellOut } from "./run/spell-out.js";
export { train, type TrainOptions } from "./run/train.js";
export { ownVersion as runsVersion } from "./run/version.js";
export {
  defineWorkload,
  type MadeWorkload,
  type Workload,
  type WorkloadDefinition,
  type WorkloadRequest,
} from "./workloads/contract.js";
export { workloads } from "./workloads/list.js";
export { loadWorkload, type LoadWorkloadOptions, type NamedWorkload } from "./workloads/load.js";
export { expandTasks } from "./workloads/tasks.js";
export type { FitEvent, HistoryEntry, Metrics } from "@gradpool/trainer";
