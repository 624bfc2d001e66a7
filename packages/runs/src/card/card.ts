import { given } from "@gradpool/core";
import type { PreparedSet } from "@gradpool/data";
import type { Model } from "@gradpool/models";
import { coveringLabel, keptNegatives } from "../evaluation/kept-negatives.js";
import type { TrainConfig } from "../options/training.js";
import type { CardMetrics, ModelCard } from "./schema.js";

export interface CardParts {
  readonly config: TrainConfig;
  readonly tasks: readonly string[];
  readonly model: Model;
  readonly weights: { readonly of: "best" | "newest"; readonly epoch: number | null };
  readonly data: { readonly hash: string; readonly set: PreparedSet };
  readonly metrics: CardMetrics;
  readonly environment: Readonly<Record<string, string>>;
  readonly followed?: ModelCard["followed"];
}

export function makeCard({
  config,
  tasks,
  model,
  weights,
  data,
  metrics,
  environment,
  followed,
}: CardParts): ModelCard {
  const { set, hash } = data;
  const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never;
  return {
    version: 1,
    model: config.model,
    pool: config.pool,
    tasks,
    weights: { ...weights, parameters: parametersOf(model) },
    data: {
      hash,
      users: set.users,
      items: set.items,
      target: set.target,
      counts: json(set.counts),
      split: json(set.manifest?.split ?? null),
      sources: json(set.manifest?.sources ?? []),
      ...told(set),
    },
    metrics,
    configuration: json(config),
    environment,
    ...given({ followed }),
    limits: [
      ...limitsOf(set, model, config),
      ...(followed === undefined ? newestOf(weights.of) : followedOf(followed)),
    ],
  };
}

/** What else was said of the data when it was prepared. */
function told(set: PreparedSet): Pick<ModelCard["data"], "features" | "negatives" | "spaces"> {
  const { userFeatures, itemFeatures, impressions, manifest } = set;
  const lists = { user: userFeatures, item: itemFeatures, row: impressions?.train.features ?? [] };
  const features = Object.entries(lists).flatMap(([of, list]) =>
    list.flatMap(({ name, encoding }) => (encoding === undefined ? [] : [{ name, of, ...encoding }])),
  );
  const { negatives, spaces } = manifest?.tables.impressions ?? {};
  return given({ features: features.length === 0 ? undefined : features, negatives, spaces }) as never;
}

function parametersOf(model: Model): number {
  const variables = "variables" in model ? model.variables : [];
  const sizes = [
    ...model.tables.map(({ rows, dim }) => rows * dim),
    ...variables.map(({ shape }) => shape.reduce((size, n) => size * n, 1)),
  ];
  return sizes.reduce((sum, size) => sum + size, 0);
}

function limitsOf(set: PreparedSet, { ranking, tables }: Model, config: TrainConfig): string[] {
  const { users, items } = set;
  const { testUsers } = config;
  const read = tables.some(({ plus }) => plus !== undefined);
  return [
    read
      ? `It knows ${users} users and ${items} items; new ones are ranked by their features where these are given, else they get what is popular.`
      : `It knows ${users} users and ${items} items; new ones get what is popular, or the mean of all.`,
    ...(ranking === undefined
      ? ["It predicts labels of rows as they were shown: what was never shown is outside of what it learnt."]
      : [
          "Metrics are of full rankings: every item that the user had not met in training, against the pairs held out.",
        ]),
    "It learnt what was chosen under what was offered then: popular items are favoured, and scores are no causal effects.",
    "Intervals say how far users differ, not how far another training would: train several seeds for that.",
    ...(testUsers === null || ranking === undefined
      ? []
      : [`Training judged it by at most ${testUsers} users of the test part.`]),
    ...negativesOf(set, config),
  ];
}

const newestOf = (weights: "best" | "newest"): string[] =>
  weights === "newest" ? ["No epoch was judged best: the weights are the newest."] : [];

const followedOf = ({ partitions, last }: NonNullable<ModelCard["followed"]>): string[] => [
  `It follows a folder and has met ${partitions} partitions, each of them once; the weights are the newest.`,
  `Its metrics are of one partition, ${last}, judged before anything was learnt from it: no rows were held out.`,
];

/** What training on some of the negatives did to probabilities, and what was done about it: see `KeptNegatives`. */
function negativesOf(set: PreparedSet, config: TrainConfig): string[] {
  const { negatives, tasks = [], spaces = {} } = set.manifest?.tables.impressions ?? {};
  if (negatives === undefined) return [];
  const r = (negatives.kept / (negatives.kept + negatives.dropped)).toPrecision(6);
  const trained = `It was trained on ${r} of the rows without a positive label (${negatives.dropped} were dropped)`;
  const covers = coveringLabel(set)?.covers;
  const others = tasks.filter((task) => spaces[task] === undefined && task !== covers);
  const s = covers === undefined ? "the probability that a row has any positive label" : `that of ${covers}`;
  const rule = [
    ...(covers === undefined
      ? []
      : [`the probability of ${covers} is p / (p + (1 - p) / ${r}) where the model says p`]),
    ...(others.length === 0
      ? []
      : [`that of ${covers === undefined ? "a label" : others.join(", ")} is p (s + ${r} (1 - s)), s ${s}`]),
    ...Object.entries(spaces).map(([task, space]) => `${task} counts where ${space} is 1, and stays as it is`),
  ].join("; ");
  const done = keptNegatives(set, config) !== null;
  return [
    done
      ? `${trained}. Its probabilities and metrics are corrected for that: ${rule}.`
      : `${trained}: ${rule}. Its probabilities and metrics are not corrected for that.`,
  ];
}
