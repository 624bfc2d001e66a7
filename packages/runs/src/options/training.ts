import type { OptionSpec, ValuesOf } from "./spec.js";

/**
 * The options of training: the one place where each stands. From this table come the type {@link TrainConfig}, the defaults,
 * the flags of the command with their help, the checks of configurations and recipes, and the README's table. To add one,
 * add an entry and read it where it is used.
 *
 * `hint` is what `--help` shows for its value; `open` says what holds where nothing is given; `fixed` options make another
 * comparison instead of another point, so that no grid sweeps them.
 */
export const trainOptions = {
  data: {
    type: "text",
    default: "shop",
    hint: "DIR",
    fixed: true,
    description: "a prepared set's folder, or shop(users=…,…): the embedded generator",
  },
  model: {
    type: "text",
    default: "mf",
    hint: "MODEL",
    description: "a model with its options, such as mf(dim=64); or one of yours, ./my-model.js",
  },
  pool: { type: "text", default: "ew", hint: "SPEC", fixed: true, description: "a pool specifier" },
  tasks: {
    type: "list",
    default: [],
    hint: "A,B",
    open: "all that the model takes",
    fixed: true,
    description: "tasks, the target first; target, side (all side tasks) and * stand for what the set offers",
  },
  features: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "all",
    fixed: true,
    description: "features that the model reads, user and item (the ids) among them",
  },
  drop: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "none",
    fixed: true,
    description: "features that the model does not read",
  },
  epochs: {
    type: "number",
    integer: true,
    min: 1,
    default: 20,
    hint: "N",
    description: "passes over the positives: mf the target's, else all tasks'",
  },
  batch: { type: "number", integer: true, min: 1, default: 2048, hint: "N", description: "positives or rows a step" },
  accumulate: {
    type: "number",
    integer: true,
    min: 1,
    default: 1,
    hint: "N",
    description: "batches a step: their gradients are averaged, task by task, before the pool",
  },
  optimizer: {
    type: "enum",
    values: ["sgd", "adam", "adamw", "adagrad"],
    default: "adam",
    hint: "NAME",
    description: "how gradients move the parameters",
  },
  lr: { type: "number", min: 0, default: 0.001, hint: "X", description: "learning rate" },
  schedule: {
    type: "text",
    default: "constant",
    hint: "HOW",
    description:
      "how the learning rate moves: constant, cosine(min=0), linear(min=0), step(every=10,by=0.1) in epochs, plateau(patience=3,by=0.1,min=0) in evaluations",
  },
  warmup: {
    type: "number",
    min: 0,
    default: 0,
    hint: "X",
    description: "epochs, or parts of one, in which the learning rate rises first",
  },
  clipNorm: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: null,
    hint: "X",
    open: "none",
    description: "limit of the whole gradient's norm, after pooling",
  },
  clipValue: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: null,
    hint: "X",
    open: "none",
    description: "limit of each coordinate of the gradient, after pooling",
  },
  clipTasks: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: null,
    hint: "X",
    open: "none",
    description: "limit of each task's norm, before pooling, of what the pool sees",
  },
  taskWeights: {
    type: "numbers",
    default: null,
    hint: "A=X,B=Y",
    open: "1 each",
    fixed: true,
    description: "what the tasks' losses are multiplied by",
  },
  classWeights: {
    type: "numbers",
    default: null,
    hint: "A=X,B=Y",
    open: "1 each",
    fixed: true,
    description: "what a label 1 of a task counts for against a label 0",
  },
  weightDecay: {
    type: "number",
    min: 0,
    default: 0,
    hint: "X",
    description: "L2 weight decay; apart from the gradient for adamw",
  },
  rows: {
    type: "enum",
    values: ["lazy", "dense-equivalent"],
    default: "lazy",
    hint: "HOW",
    description:
      "embedding rows in steps that do not touch them: left alone, or moved as a dense optimiser would move them",
  },
  read: {
    type: "enum",
    values: ["auto", "memory", "stream"],
    default: "auto",
    hint: "HOW",
    description:
      "rows of labels: all in memory, or from the disk as they are needed, shuffled by row groups and buffers of 2^20 rows (auto: from 1 GiB on)",
  },
  negatives: { type: "number", integer: true, min: 1, default: 1, hint: "N", description: "negatives per positive" },
  negativeSampling: {
    type: "enum",
    values: ["uniform", "popularity"],
    default: "uniform",
    hint: "HOW",
    description: "how negatives are drawn",
  },
  furtherBatches: {
    type: "enum",
    values: ["drawn", "split"],
    default: "drawn",
    hint: "HOW",
    description: "modo, sdmgrad(sampling=double): a step's independent batches, each drawn by itself, or one batch cut",
  },
  heldOut: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    max: 1,
    exclusiveMax: true,
    default: 0.05,
    hint: "X",
    description: "auxinash: share of the target's training examples that validation gradients are taken of",
  },
  missing: {
    type: "enum",
    values: ["unlabelled", "negative"],
    default: "unlabelled",
    hint: "HOW",
    description: "shared-bottom: what a pair that only another task has is to a task",
  },
  patience: {
    type: "number",
    integer: true,
    min: 1,
    default: null,
    hint: "N",
    open: "never",
    description: "evaluations without gain before stopping",
  },
  minDelta: {
    type: "number",
    min: 0,
    default: 0,
    hint: "X",
    description: "what is no gain yet, for patience and for schedule plateau",
  },
  monitor: {
    type: "text",
    default: null,
    hint: "EXPR",
    open: "the first metric",
    fixed: true,
    description:
      "what decides which epoch is best: a metric as printed, mean(auc) over tasks, a sum: auc/like+0.5*auc/watch, or the mean rank: rank(ndcg@10,recall@10)",
  },
  evalEvery: {
    type: "number",
    integer: true,
    min: 1,
    default: 1,
    hint: "N",
    description: "epochs between evaluations",
  },
  evalTasks: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "all that have held-out data",
    fixed: true,
    description: "behaviours whose rankings are measured beside the target's",
  },
  evalUsers: {
    type: "number",
    integer: true,
    min: 1,
    default: null,
    hint: "N",
    open: "all",
    description: "validate on a seeded sample of so many users",
  },
  testUsers: {
    type: "number",
    integer: true,
    min: 1,
    default: null,
    hint: "N",
    open: "all",
    description: "test on a sample of so many users, the same for every seed: trials stay paired",
  },
  metrics: {
    type: "list",
    default: [],
    hint: "A,B",
    open: "the model's",
    fixed: true,
    description: "metrics; where `monitor` says nothing, the first decides which epoch is best",
  },
  backend: {
    type: "enum",
    values: ["auto", "node-gpu", "node", "wasm", "cpu"],
    default: "auto",
    hint: "NAME",
    description: "what computes dense layers",
  },
  balance: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "all",
    fixed: true,
    description: "tables or modules that the pool balances",
  },
  probabilities: {
    type: "enum",
    values: ["corrected", "sampled"],
    default: "corrected",
    hint: "WHICH",
    description: "of a set that kept some negatives: as if all had been kept, or as its rows are",
  },
  onNonFinite: {
    type: "enum",
    values: ["stop", "skip"],
    default: "stop",
    hint: "HOW",
    description: "what a NaN in a loss or gradient does",
  },
  diagnosticsEvery: {
    type: "number",
    integer: true,
    min: 0,
    default: 20,
    hint: "N",
    description: "steps between norms, cosines and weights; 0: never",
  },
  seed: {
    type: "number",
    integer: true,
    min: 0,
    default: 1,
    hint: "N",
    fixed: true,
    description: "seed of everything random",
  },
} as const;

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
