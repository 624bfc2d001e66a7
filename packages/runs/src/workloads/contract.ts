import type { JsonObject } from "@gradpool/core";
import type { Measure, PreparedSet } from "@gradpool/data";
import type { Model } from "@gradpool/models";
import type { Engine, Evaluate, Feed, StepNeeds } from "@gradpool/trainer";
import type { DataFacts } from "../data/facts.js";
import type { OptionSpecs, ValuesOf } from "../options/spec.js";
import type { TrainConfig } from "../options/training.js";

/** What a workload is made for: a data set, the training options and its own. */
export interface WorkloadRequest<S extends OptionSpecs = OptionSpecs> {
  readonly set: PreparedSet;
  readonly config: TrainConfig;
  /** The options of the model's specifier, defaults filled in. */
  readonly options: ValuesOf<S>;
  /** What numerical features are scaled by, of a run that is opened again. Default: measured on the set. */
  readonly measures?: Readonly<Record<string, Measure>>;
  /** What the pool needs of a step beside one batch. Absent: nothing, or nothing is trained. A feed that lacks it is refused. */
  readonly needs?: StepNeeds;
}

/** A model with the stream of batches that trains it and the way its quality is measured. */
export interface MadeWorkload {
  readonly model: Model;
  readonly feed: Feed;
  evaluation(engine: Engine): Evaluate;
  /**
   * By task, what it took from the data and not from the configuration, such as a scale of ratings. It is kept in the checkpoint,
   * so that a run never goes on with other ones.
   */
  readonly taskOptions?: Readonly<Record<string, JsonObject>>;
  /** A model that ranks, and reads the set's features of users and items. */
  readonly readsFeatures?: true;
  /** A line each, said before training: what of the data the model can do little with. */
  readonly notes?: readonly string[];
  /** The tasks are steps of a funnel: each is judged also on the rows that took the one before. */
  readonly funnel?: boolean;
}

/**
 * A kind of training that `model` can name: `mf(dim=32)`. Ours stand in list.ts; a third party's module or package exports
 * `workloads: readonly Workload[]` and is named by its path or package, `./my-model.js(dim=32)`.
 */
export interface WorkloadDefinition<S extends OptionSpecs> {
  /** Version of this contract. */
  readonly spec: 1;
  readonly name: string;
  /** One line for `gradpool models`. */
  readonly summary: string;
  readonly options: S;
  /** Metrics where none are asked for; the first one decides which epoch is best. */
  readonly metrics: readonly string[];
  /** What `*` stands for among the tasks of a data set. */
  allTasks(facts: DataFacts): readonly string[];
  /** It reads rows shown through `impressionsSampler` alone, so that they may stay on the disk. */
  readonly streams?: true;
  /** Errors `usage` and `invalid-option` name the option: `tasks`, `model`. */
  make(request: WorkloadRequest<S>): MadeWorkload;
  /** What learns nothing, such as popularity: scores of all items for some users, `out[k · items + i]`; `make` is then not called. */
  readonly untrained?: (request: WorkloadRequest<S>) => (users: Int32Array, out: Float32Array) => void;
}

export type Workload = WorkloadDefinition<OptionSpecs>;

/** A workload, with the types of its options inferred from `options`. */
export function defineWorkload<const S extends OptionSpecs>(definition: WorkloadDefinition<S>): Workload {
  return definition as unknown as Workload;
}
