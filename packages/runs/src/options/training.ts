import type { OptionSpec, ValuesOf } from "./spec.js";
import { batchOptions } from "./training/batches.js";
import { computingOptions } from "./training/computing.js";
import { judgingOptions } from "./training/judging.js";
import { stepOptions } from "./training/steps.js";
import { subjectOptions } from "./training/subject.js";

/**
 * The options of training: the one place where each stands. From this table come the type {@link TrainConfig}, the defaults,
 * the flags of the command with their help, the checks of configurations and recipes, and the README's table. To add one,
 * add an entry to the part that it belongs to and read it where it is used.
 *
 * `hint` is what `--help` shows for its value; `open` says what holds where nothing is given; `fixed` options make another
 * comparison instead of another point, so that no grid sweeps them.
 */
export const trainOptions: typeof subjectOptions &
  typeof stepOptions &
  typeof batchOptions &
  typeof judgingOptions &
  typeof computingOptions = {
  ...subjectOptions,
  ...stepOptions,
  ...batchOptions,
  ...judgingOptions,
  ...computingOptions,
};

export type TrainField = keyof typeof trainOptions;

/** Everything that decides what a training run computes. Plain data: it is hashed, stored and compared. */
export type TrainConfig = ValuesOf<typeof trainOptions>;

/** What an entry of the table says beside its kind. */
export type TrainOption = OptionSpec & {
  readonly hint: string;
  readonly open?: string;
  readonly fixed?: true;
};

export const trainFields: readonly TrainField[] = Object.keys(trainOptions) as TrainField[];

export const trainOption = (field: TrainField): TrainOption => trainOptions[field];

/** What holds where neither a recipe nor a flag says otherwise. */
export const defaultConfig: TrainConfig = Object.fromEntries(
  trainFields.map((field) => [field, trainOptions[field].default]),
) as unknown as TrainConfig;
