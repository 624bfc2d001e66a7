import { usageError } from "./errors.js";
import { didYouMean } from "@gradpool/registry";
import { defaultConfig, type TrainConfig } from "./config.js";

type Field = keyof TrainConfig;

/** How each flag of training becomes a field of the configuration. Flags that were not given are left out. */
export interface TrainFlags {
  readonly data?: string | undefined;
  readonly model?: string | undefined;
  readonly tasks?: string | undefined;
  readonly target?: string | undefined;
  readonly epochs?: string | undefined;
  readonly batch?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly lr?: string | undefined;
  readonly "weight-decay"?: string | undefined;
  readonly rows?: string | undefined;
  readonly negatives?: string | undefined;
  readonly "negative-sampling"?: string | undefined;
  readonly missing?: string | undefined;
  readonly patience?: string | undefined;
  readonly "eval-every"?: string | undefined;
  readonly "eval-users"?: string | undefined;
  readonly "test-users"?: string | undefined;
  readonly metrics?: string | undefined;
  readonly backend?: string | undefined;
  readonly balance?: string | undefined;
  readonly "on-non-finite"?: string | undefined;
  readonly "diagnostics-every"?: string | undefined;
  readonly seed?: string | undefined;
}

/** citty definitions of the flags above, shared by `train` and `bench`. */
export const trainArgs = {
  data: { type: "string", valueHint: "DIR", description: "a prepared set, or shop(users=…,…): the embedded generator" },
  model: { type: "string", valueHint: "MODEL", description: "mf(dim=32) | shared-bottom | click(interaction=dcn)" },
  tasks: { type: "string", valueHint: "A,B", description: "tasks, the target first; default: all behaviours" },
  target: { type: "string", valueHint: "TASK", description: "the target task; default: the data set's" },
  epochs: {
    type: "string",
    valueHint: "N",
    description:
      `passes over the positives: mf the target's, else all tasks' (default ${defaultConfig.epochs})` as string,
  },
  batch: {
    type: "string",
    valueHint: "N",
    description: `positives or rows a step (default ${defaultConfig.batch})` as string,
  },
  optimizer: { type: "string", valueHint: "NAME", description: "sgd | adam | adamw | adagrad (default adam)" },
  lr: { type: "string", valueHint: "X", description: `learning rate (default ${defaultConfig.lr})` as string },
  "weight-decay": { type: "string", valueHint: "X", description: "weight decay (default 0)" },
  rows: {
    type: "string",
    valueHint: "HOW",
    description: "lazy | dense-equivalent: embedding rows in steps that do not touch them (default lazy)",
  },
  negatives: { type: "string", valueHint: "N", description: "negatives per positive (default 1)" },
  "negative-sampling": { type: "string", valueHint: "HOW", description: "uniform | popularity (default uniform)" },
  missing: {
    type: "string",
    valueHint: "HOW",
    description: "shared-bottom: a pair of another task's alone is unlabelled | negative (default unlabelled)",
  },
  patience: {
    type: "string",
    valueHint: "N",
    description: "evaluations without gain before stopping (default: never)",
  },
  "eval-every": { type: "string", valueHint: "N", description: "evaluate after every N epochs (default 1)" },
  "eval-users": {
    type: "string",
    valueHint: "N",
    description: "validate on a seeded sample of N users (default: all)",
  },
  "test-users": {
    type: "string",
    valueHint: "N",
    description: "test on a sample of N users, the same for every seed (default: all)",
  },
  metrics: { type: "string", valueHint: "A,B", description: "metrics; the first decides which epoch is best" },
  backend: { type: "string", valueHint: "NAME", description: "auto | node-gpu | node | wasm | cpu (default auto)" },
  balance: { type: "string", valueHint: "A,B", description: "tables or modules that the pool balances (default: all)" },
  "on-non-finite": { type: "string", valueHint: "HOW", description: "stop | skip: what a NaN does (default stop)" },
  "diagnostics-every": {
    type: "string",
    valueHint: "N",
    description: "norms, cosines, weights every N steps (default 20; 0: never)",
  },
  seed: { type: "string", valueHint: "N", description: "seed of everything random (default 1)" },
} as const;

export function numberOf(
  flag: string,
  text: string,
  { min, integer = false }: { readonly min: number; readonly integer?: boolean },
): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < min || (integer && !Number.isInteger(value))) {
    throw usageError(
      `--${flag} is ${text}`,
      `--${flag}`,
      `give ${integer ? "an integer" : "a number"} of ${min} or more`,
    );
  }
  return value;
}

function wordOf<W extends string>(flag: string, text: string, words: readonly W[]): W {
  if ((words as readonly string[]).includes(text)) return text as W;
  throw usageError(`--${flag} is ${text}`, `--${flag}`, didYouMean(text, words, `give ${words.join(" | ")}`));
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");

/** The fields that flags set. */
export function configOf(flags: TrainFlags): Partial<TrainConfig> {
  const config: { -readonly [F in Field]?: TrainConfig[F] } = {};
  const set = <F extends Field>(field: F, flag: keyof TrainFlags, read: (text: string) => TrainConfig[F]): void => {
    const text = flags[flag];
    if (text !== undefined) config[field] = read(text);
  };
  const count =
    (flag: string, min = 1) =>
    (text: string) =>
      numberOf(flag, text, { min, integer: true });
  set("data", "data", String);
  set("model", "model", String);
  set("tasks", "tasks", listOf);
  set("epochs", "epochs", count("epochs"));
  set("batch", "batch", count("batch"));
  set("optimizer", "optimizer", (text) => wordOf("optimizer", text, ["sgd", "adam", "adamw", "adagrad"]));
  set("lr", "lr", (text) => numberOf("lr", text, { min: 0 }));
  set("weightDecay", "weight-decay", (text) => numberOf("weight-decay", text, { min: 0 }));
  set("rows", "rows", (text) => wordOf("rows", text, ["lazy", "dense-equivalent"]));
  set("negatives", "negatives", count("negatives"));
  set("negativeSampling", "negative-sampling", (text) => wordOf("negative-sampling", text, ["uniform", "popularity"]));
  set("missing", "missing", (text) => wordOf("missing", text, ["unlabelled", "negative"]));
  set("patience", "patience", count("patience"));
  set("evalEvery", "eval-every", count("eval-every"));
  set("evalUsers", "eval-users", count("eval-users"));
  set("testUsers", "test-users", count("test-users"));
  set("metrics", "metrics", listOf);
  set("backend", "backend", (text) => wordOf("backend", text, ["auto", "node-gpu", "node", "wasm", "cpu"]));
  set("balance", "balance", listOf);
  set("onNonFinite", "on-non-finite", (text) => wordOf("on-non-finite", text, ["stop", "skip"]));
  set("diagnosticsEvery", "diagnostics-every", count("diagnostics-every", 0));
  set("seed", "seed", count("seed", 0));
  const { target } = flags;
  if (target !== undefined) config.tasks = [target, ...(config.tasks ?? ["*"]).filter((task) => task !== target)];
  return config;
}
