import {
  bprSampler,
  impressionsSampler,
  jointSampler,
  pairsSampler,
  pointwiseSampler,
  type PreparedSet,
  ratingSampler,
  type Sampler,
  valueMoments,
} from "@gradpool/data";
import {
  alignmentUniformity,
  bpr,
  categoryPair,
  clickModel,
  itemPair,
  mf,
  type Model,
  pointwise,
  ratings,
  sharedBottom,
  socialLink,
  type TaskBuilder,
} from "@gradpool/models";
import { type Feed, jointFeed, perTaskFeed } from "@gradpool/trainer";
import { usageError } from "./errors.js";
import { didYouMean } from "@gradpool/registry";
import { type Call, parseCall } from "./call.js";
import type { TrainConfig } from "./config.js";
import { type DataFacts, factsOf } from "./data.js";

/** A model with the stream of batches that trains it. */
export interface Workload {
  readonly model: Model;
  readonly feed: Feed;
  /** How its quality is measured. */
  readonly evaluation: "ranking" | "classification";
}

const models: Readonly<Record<string, (set: PreparedSet, config: TrainConfig, call: Call) => Workload>> = {
  mf: factorisation,
  "shared-bottom": bottom,
  click,
};

/** The model and the samplers that a configuration names, for a data set. Errors are usage errors that name the flag. */
export function makeWorkload(set: PreparedSet, config: TrainConfig): Workload {
  const call = parseCall(config.model, "--model");
  const make = Object.hasOwn(models, call.name) ? models[call.name] : undefined;
  if (make === undefined) {
    const known = Object.keys(models);
    throw usageError(
      `unknown model ${call.name}`,
      "--model",
      didYouMean(call.name, known, `the models are ${known.join(", ")}`),
    );
  }
  return make(set, config, call);
}

/** Reads the options that a model takes from its specifier; lists are written `256-128-64`. */
function readOptions<K extends string>(call: Call, known: readonly K[]): Partial<Record<K, string | number | boolean>> {
  for (const name of Object.keys(call.options)) {
    if (!(known as readonly string[]).includes(name)) {
      throw usageError(
        `unknown option ${name} of ${call.name}`,
        "--model",
        didYouMean(name, known, `the options are ${known.join(", ")}`),
      );
    }
  }
  return call.options as Partial<Record<K, string | number | boolean>>;
}

function numeric(call: Call, name: string, value: unknown): number | undefined {
  if (value === undefined || typeof value === "number") return value;
  throw usageError(`${name} of ${call.name} is ${String(value)}`, "--model", "give a number");
}

function widths(call: Call, name: string, value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const list = String(value).split("-").map(Number);
  if (list.every((width) => Number.isInteger(width) && width > 0)) return list;
  throw usageError(`${name} of ${call.name} is ${String(value)}`, "--model", "write layer widths as 256-128-64");
}

const given = <T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;

function factorisation(set: PreparedSet, config: TrainConfig, call: Call): Workload {
  const { dim, loss = "bpr", gamma, ratings = "standardised" } = readOptions(call, ["dim", "loss", "gamma", "ratings"]);
  if (loss !== "bpr" && loss !== "bce") throw usageError(`loss of mf is ${String(loss)}`, "--model", "give bpr or bce");
  if (ratings !== "standardised" && ratings !== "raw") {
    throw usageError(`ratings of mf is ${String(ratings)}`, "--model", "give standardised or raw");
  }
  const facts = factsOf(set, "");
  const made = config.tasks.map((task, stream) => {
    requireOffered(facts, task);
    return hostTask(set, config, task, stream, { loss, gamma: numeric(call, "gamma", gamma), raw: ratings === "raw" });
  });
  return {
    model: mf({
      users: set.users,
      items: set.items,
      ...given({ dim: numeric(call, "dim", dim) }),
      tasks: made.map(({ build }) => build),
    }),
    feed: perTaskFeed(made.map(({ sampler }) => sampler)),
    evaluation: "ranking",
  };
}

interface EmbeddingTaskParts {
  readonly build: TaskBuilder;
  readonly sampler: Sampler;
}

/** What a task's name stands for: a behaviour, `social`, `category`, `rating`, `au`, or a kind of item pairs. */
function hostTask(
  set: PreparedSet,
  config: TrainConfig,
  task: string,
  stream: number,
  { loss, gamma, raw }: { readonly loss: "bpr" | "bce"; readonly gamma: number | undefined; readonly raw: boolean },
): EmbeddingTaskParts {
  const common = { batchSize: config.batch, seed: config.seed, stream };
  const negatives = { negativesPerPositive: config.negatives, negatives: config.negativeSampling };
  if (task in set.behaviors) {
    return loss === "bpr"
      ? { build: bpr(task), sampler: bprSampler(set, { ...common, ...negatives, task }) }
      : { build: pointwise(task), sampler: pointwiseSampler(set, { ...common, ...negatives, task }) };
  }
  if (task === "social")
    return { build: socialLink(task), sampler: pairsSampler(set, { ...common, relation: "social" }) };
  if (task === "category")
    return { build: categoryPair(task), sampler: pairsSampler(set, { ...common, relation: "category" }) };
  if (task === "rating") {
    // Also where nothing is moved: it refuses values that are all the same.
    const { mean, deviation } = valueMoments(set);
    const unit = raw ? { offset: 0, scale: 1 } : { offset: mean, scale: deviation };
    return { build: ratings(task, unit), sampler: ratingSampler(set, common) };
  }
  if (task === "au")
    return { build: alignmentUniformity(task, given({ gamma })), sampler: bprSampler(set, { ...common }) };
  return { build: itemPair(task), sampler: pairsSampler(set, { ...common, relation: task }) };
}

function requireOffered(facts: DataFacts, task: string): void {
  if (facts.offers(task)) return;
  const known = [...facts.tasks.behaviors, ...facts.tasks.itemPairs, "social", "category", "rating", "au"].filter(
    (name) => facts.offers(name),
  );
  throw usageError(
    `the data has nothing for the task ${task}`,
    "--tasks",
    didYouMean(task, known, `it offers ${known.join(", ")}`),
  );
}

/** Start values of embeddings with this standard deviation. */
function normal(std: number | undefined): { readonly kind: "normal"; readonly std: number } | undefined {
  if (std === undefined) return undefined;
  if (std > 0 && std < Infinity) return { kind: "normal", std };
  throw usageError(`std is ${std}`, "--model", "give the start values' standard deviation, more than 0, such as 0.01");
}

function bottom(set: PreparedSet, config: TrainConfig, call: Call): Workload {
  const { dim, mlp, tower, dropout, std } = readOptions(call, ["dim", "mlp", "tower", "dropout", "std"]);
  config.tasks.forEach((task) => {
    if (!(task in set.behaviors)) {
      const known = Object.keys(set.behaviors);
      throw usageError(
        `${task} is no behaviour`,
        "--tasks",
        didYouMean(task, known, `shared-bottom learns ${known.join(", ")}`),
      );
    }
  });
  return {
    model: sharedBottom({
      users: set.users,
      items: set.items,
      tasks: config.tasks,
      ...given({
        dim: numeric(call, "dim", dim),
        mlp: widths(call, "mlp", mlp),
        tower: widths(call, "tower", tower),
        dropout: numeric(call, "dropout", dropout),
        init: normal(numeric(call, "std", std)),
      }),
    }),
    feed: jointFeed(
      jointSampler(set, {
        tasks: config.tasks,
        batchSize: config.batch,
        seed: config.seed,
        negativesPerPositive: config.negatives,
        negatives: config.negativeSampling,
        missing: config.missing,
      }),
    ),
    evaluation: "ranking",
  };
}

function click(set: PreparedSet, config: TrainConfig, call: Call): Workload {
  const { dim, interaction, trunk, head, dropout, std } = readOptions(call, [
    "dim",
    "interaction",
    "trunk",
    "head",
    "dropout",
    "std",
  ]);
  const { impressions } = set;
  if (impressions === undefined) {
    throw usageError(
      "the data has no impressions",
      "--model click",
      "use mf or shared-bottom, or prepare a set with labels per row",
    );
  }
  const unknown = config.tasks.find((task) => !impressions.tasks.includes(task));
  if (unknown !== undefined) {
    throw usageError(
      `${unknown} is no label of the impressions`,
      "--tasks",
      didYouMean(unknown, impressions.tasks, `they have ${impressions.tasks.join(", ")}`),
    );
  }
  if (interaction !== undefined && interaction !== "dcn" && interaction !== "deepfm" && interaction !== "none") {
    throw usageError(`interaction of click is ${String(interaction)}`, "--model", "give dcn, deepfm or none");
  }
  const sampler = impressionsSampler(set, { tasks: config.tasks, batchSize: config.batch, seed: config.seed });
  const first = impressionsSampler(set, { tasks: config.tasks, batchSize: 1, shuffle: false }).next();
  return {
    model: clickModel({
      fields: first.fields.map(({ name, vocabulary, kind }) => ({ name, vocabulary, kind })),
      numerical: first.numericalNames.length,
      tasks: config.tasks,
      ...given({
        dim: numeric(call, "dim", dim),
        interaction,
        trunk: widths(call, "trunk", trunk),
        head: widths(call, "head", head),
        dropout: numeric(call, "dropout", dropout),
        init: normal(numeric(call, "std", std)),
      }),
    }),
    feed: jointFeed(sampler),
    evaluation: "classification",
  };
}
