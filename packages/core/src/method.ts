import type { Granularity } from "./gradients.js";
import type { OptionSchema } from "./options.js";
import type { GradientPool, Level } from "./pool.js";

export interface Paper {
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  readonly venue: string;
  readonly url?: string;
}

/** `true`: declared, and checked by the testkit. A string: disclaimed, with the reason. */
export type Declared = true | string;

/** What a method promises about its combined gradient d, for any task gradients g₁ … g_T. */
export interface Properties {
  /** ⟨d, gᵢ⟩ ≥ 0 for every task i, to rounding. */
  readonly nonConflicting: Declared;
  /** Renumbering the tasks (and the target with them) does not change d. */
  readonly permutationEquivariant: Declared;
  /** c·g₁ … c·g_T give c·d, for every c > 0. */
  readonly scaleLinear: Declared;
  /** Scaling one task's gradient alone does not change the direction of d. */
  readonly taskScaleInvariant: Declared;
  /** ⟨d, g_target⟩ ≥ 0, to rounding. */
  readonly targetDescent: Declared;
}

/** Properties that hold, or do not, under some options only. */
export interface Variant<Options extends object = object> {
  readonly options: Partial<Options>;
  /** Up to how many tasks it speaks of; absent: any number. */
  readonly maxTasks?: number;
  /** Where they differ from the method's own. */
  readonly properties: Partial<Properties>;
}

/** What is known of a method without making a pool of it: for listings, option tables, specifiers and tests. */
export interface Method<Options extends object = object, State = unknown> {
  readonly spec: 1;
  /** The name in specifiers: `pcgrad`, `metabalance`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly paper: Paper;
  readonly options: OptionSchema;
  /** Levels at which the method makes sense, the published one first. */
  readonly levels: readonly Level[];
  /** Granularities that it accepts; empty if the question does not arise (losses only). */
  readonly granularities: readonly Granularity[];
  /** How many tasks must be present in a step, under the default options; fewer are refused. Absent: 1. */
  readonly minTasks?: number;
  /** Why it refuses embedding tables, under the default options; absent: it takes them. */
  readonly tables?: string;
  /** Under the default options. */
  readonly properties: Properties;
  readonly variants?: readonly Variant<Options>[];
  create(options?: Partial<Options>): GradientPool<State>;
}
