export type * from "./batches.js";
export { loadKeys, loadPrepared, readManifest, type LoadOptions } from "./load.js";
export * from "./manifest.js";
export {
  formats,
  parseSplit,
  type ColumnNames,
  type Format,
  type PrepareOptions,
  type ResolvedOptions,
  type Split,
  type WechatThresholds,
} from "./options.js";
export * from "./prepared-set.js";
export type { PrepareProgress } from "./prepare/context.js";
export type { MalformedRow } from "./prepare/malformed.js";
export type { AuxiliaryCounts, BehaviorCounts, TargetCounts } from "./prepare/pairs.js";
export { prepare, type PrepareHooks, type PrepareReport } from "./prepare/prepare.js";
export type { SourceFile } from "./prepare/sources.js";
export type { NegativeOptions, SamplerOptions } from "./samplers/engine.js";
export { impressionsSampler, type ImpressionsSamplerOptions } from "./samplers/impressions.js";
export {
  bprSampler,
  jointSampler,
  pointwiseSampler,
  ratingSampler,
  type InteractionSamplerOptions,
  type JointSamplerOptions,
} from "./samplers/interactions.js";
export { pairsSampler, type PairsSamplerOptions } from "./samplers/pairs.js";
export { generateShop } from "./shop/generate.js";
export type { ShopOptions } from "./shop/options.js";
export { kindOfValues, readValueKind, valueMoments, type Moments, type ValueKind } from "./values.js";
export { writePrepared, type WriteOptions } from "./write.js";
export { writeUserBehavior, type UserBehaviorOptions } from "./shop/user-behavior.js";
