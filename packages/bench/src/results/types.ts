import type { UndefinedMetric } from "@gradpool/metrics";
import type { Search } from "../space/space.js";
import type { DiagnosticPoint, Metrics, RunCost, RunResult, TrainConfig } from "@gradpool/runs";

/** A number that a paper printed, shown beside ours and labelled as such. */
export interface PublishedNumbers {
  /** "thesis, Table 3". */
  readonly source: string;
  /** What was different there: data set, model, protocol. */
  readonly setting: string;
  /** Display label of the method → metric name → value (in the metric's own unit, not percent). */
  readonly rows: Readonly<Record<string, Metrics>>;
}

/** One line of a comparison: a pool, possibly with settings of its own that differ from the plan's. */
export interface Contender {
  /** Display name, unique in the plan. */
  readonly label: string;
  readonly pool: string;
  /** What the contender changes of the plan's base configuration (tasks, model …). */
  readonly overrides?: Partial<TrainConfig>;
  /** Options of this contender alone that are swept on validation: name in the specifier → values. */
  readonly grid?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Contenders of one group are drawn together: an ablation, a sensitivity curve. */
  readonly group?: string;
  /**
   * What it is there for, if not to be compared as a pool. `alone`: one task by itself. `reference`: what learns nothing, such as
   * popularity. They say whether there is anything to compare, and are ranked and corrected apart from the pools.
   */
  readonly role?: "alone" | "reference";
  /** The label that it is tested against, in place of the plan's baseline: what learns the same tasks, for example. */
  readonly baseline?: string;
}

/** A comparison as data: what `gradpool bench` runs and what the report explains. */
export interface Plan {
  readonly name: string;
  readonly title: string;
  /** One paragraph: data, model, protocol. */
  readonly description: string;
  readonly base: TrainConfig;
  readonly contenders: readonly Contender[];
  /** Configuration fields swept for every contender on validation, e.g. `{ lr: [0.01, 0.001] }`. */
  readonly grid: Readonly<Record<string, readonly (number | string)[]>>;
  /** How points are searched where that is not the grid, which is empty then. */
  readonly search?: Search;
  /** The model with names in braces, which points fill in. Absent: the base's, as it is. */
  readonly modelAt?: string;
  readonly seeds: readonly number[];
  /** Seeds used while a grid is searched; the chosen point is run with all `seeds`. */
  readonly tuningSeeds: readonly number[];
  /** The label that others are tested against. */
  readonly baseline: string;
  readonly published: readonly PublishedNumbers[];
  /** Task → label of the contender that learns it alone. Empty: no single-task runs. */
  readonly single: Readonly<Record<string, string>>;
  /** What a budget made of the recipe, a sentence for each difference. Absent: the recipe's whole schedule. */
  readonly budget?: { readonly name: string; readonly differences: readonly string[] };
}

export interface TrialSpec {
  /** First 16 hex digits of the SHA-256 of the configuration and the data set's hash. */
  readonly id: string;
  readonly label: string;
  /** The grid point: swept field or option → value. Empty without a grid. */
  readonly point: Readonly<Record<string, number | string>>;
  readonly config: TrainConfig;
  /** The trial in whose folder it runs, where it is the beginning of a longer one: absent, its own. */
  readonly folder?: string;
}

/** One line of `results.jsonl`. */
export interface TrialRecord extends TrialSpec {
  readonly status: "ok" | "failed";
  /** One line, if it failed. */
  readonly error?: string;
  readonly result?: RunResult;
  readonly cost?: RunCost;
  readonly diagnostics?: readonly DiagnosticPoint[];
  /** Versions of gradpool, Node and the backend; the machine in words. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface MetricSummary {
  /** The tasks that the values are of: one, or all those that they are a mean over. What differs in them is not compared. */
  readonly tasks: readonly string[];
  readonly mean: number;
  readonly sd: number;
  /** 95 % interval of the mean over seeds (Student's t); null with one seed. */
  readonly low: number | null;
  readonly high: number | null;
  /** By seed, in the order of the plan's seeds; null where a trial failed or the metric has no value. */
  readonly values: readonly (number | null)[];
}

/** Against the baseline, paired by seed. */
export interface Comparison {
  /** null where there is nothing to compare with. */
  readonly difference: number | null;
  /** (mean − baseline mean) / |baseline mean|. */
  readonly relative: number | null;
  /** Paired t-test, two-sided; null with fewer than two common seeds. */
  readonly p: number | null;
  /** Holm-corrected over all contenders of the metric. */
  readonly pHolm: number | null;
  /** `not comparable`: the two are of different tasks, and no number is given. */
  readonly verdict: "better" | "worse" | "no difference shown" | "baseline" | "not testable" | "not comparable";
}

export interface ContenderSummary {
  readonly label: string;
  /** The label with the chosen values: `metabalance(relax=0.7)`, whose label is `metabalance(relax=…)`. */
  readonly name: string;
  readonly pool: string;
  readonly group: string | null;
  /** The grid point chosen on validation. */
  readonly point: Readonly<Record<string, number | string>>;
  readonly seeds: number;
  readonly failed: number;
  /** Test metrics of the best epoch. A metric that no seed has a value of is not there. */
  readonly test: Readonly<Record<string, MetricSummary>>;
  readonly valid: Readonly<Record<string, MetricSummary>>;
  readonly versusBaseline: Readonly<Record<string, Comparison>>;
  /**
   * RI: metric → mean over tasks of (metric of the task / Single's − 1), without the tasks whose metric is undefined. Empty
   * without single-task runs.
   */
  readonly relativeImprovement: Readonly<Record<string, number>>;
  /** Mean rank over the metrics that can be compared (1 is best); null for who lacks one, or measures other tasks. */
  readonly rank: number | null;
  readonly bestEpochs: readonly (number | null)[];
}

/** A grid point's mean validation metric: what the choice was made on, and the sensitivity curves. */
export interface GridCell {
  readonly label: string;
  readonly point: Readonly<Record<string, number | string>>;
  readonly metric: string;
  readonly mean: number | null;
  readonly values: readonly (number | null)[];
  /** What it was trained for, where points differ in that (halving). */
  readonly epochs?: number;
  readonly chosen: boolean;
}

/** One of the questions before all others: a trained contender against what should be beaten, on test, paired by seed. */
export interface Premise {
  /** The label of what should win: chosen on validation, never on test. */
  readonly of: string;
  readonly value: number;
  /** Labels: of several, the mean of each one's own task. */
  readonly against: readonly string[];
  readonly other: number;
  /** (value − other) / |other|. */
  readonly relative: number | null;
  readonly p: number | null;
  /** Holm-corrected over the premises. */
  readonly pHolm: number | null;
  readonly verdict: "better" | "worse" | "no difference shown" | "not testable";
}

/** Does learning several tasks help at all, and is a model needed? */
export interface Premises {
  readonly metric: string;
  /** The best on validation that learns several tasks, against the tasks learnt alone; null where nothing is. */
  readonly several: Premise | null;
  /** The best on validation of all that learns, against what learns nothing. */
  readonly references: readonly Premise[];
  /** The same in words, a sentence each: the first lines of every verdict. */
  readonly sentences: readonly string[];
}

/** A contender's search: what it was allowed and took, and where the best point lies. */
export interface SearchedPoints {
  readonly label: string;
  readonly name: string;
  readonly strategy: "grid" | "random" | "halving";
  readonly points: number;
  /** Epochs that all points together were allowed, over the tuning seeds. */
  readonly epochs: number;
  /** Epochs that they took: less where patience ran out, or a trial failed. */
  readonly epochsTaken: number;
  readonly metric: string;
  /** The chosen point's mean on validation. */
  readonly best: number | null;
  readonly places: readonly {
    readonly name: string;
    readonly value: number | string;
    /** The values or the range that it is of. */
    readonly among: string;
    /** 0 at the lower end, 1 at the upper; null where there is no order. */
    readonly position: number | null;
    /** So near to an end that better values may lie beyond it. */
    readonly atEdge: boolean;
  }[];
}

/** A metric of a contender that has no value, and why. */
export interface UndefinedValue extends UndefinedMetric {
  readonly label: string;
  readonly part: "valid" | "test";
  readonly seeds: readonly number[];
}

export interface FailedTrial {
  readonly label: string;
  readonly point: TrialSpec["point"];
  readonly seed: number;
  readonly error: string;
}

/** `summary.json`: depends on the plan, the data and the seeds alone; equal however the sweep was run. */
export interface Summary {
  readonly version: 1;
  readonly plan: Plan;
  readonly metrics: readonly string[];
  readonly contenders: readonly ContenderSummary[];
  readonly grid: readonly GridCell[];
  /** Of contenders that had a choice of points; absent where none had. */
  readonly search?: readonly SearchedPoints[];
  /** Every metric without a value: of the chosen points on test, and of validation where it decides or is shown. */
  readonly undefined: readonly UndefinedValue[];
  readonly failures: readonly FailedTrial[];
  /** What to know of these numbers, a sentence each: what has no value and why, and unequal chances in the search. */
  readonly notes: readonly string[];
  /** Absent in results of earlier releases. */
  readonly premises?: Premises;
}
