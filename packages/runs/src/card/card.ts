import { given } from "@gradpool/core";
import type { PreparedSet } from "@gradpool/data";
import type { Model } from "@gradpool/models";
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
}

export function makeCard({ config, tasks, model, weights, data, metrics, environment }: CardParts): ModelCard {
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
    limits: limitsOf(set, model, weights.of, config),
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

function limitsOf(
  { users, items, manifest }: PreparedSet,
  { ranking }: Model,
  weights: "best" | "newest",
  { testUsers }: TrainConfig,
): string[] {
  return [
    `It knows ${users} users and ${items} items; new ones get what is popular, or the mean of all.`,
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
    ...negativesOf(manifest),
    ...(weights === "newest" ? ["No epoch was judged best: the weights are the newest."] : []),
  ];
}

/**
 * What training on some of the negatives does to probabilities (He et al. 2014, §6.3): with the share r of the rows without any positive
 * label kept, p says p = q / (s + r (1 − s)) of the true q, s the probability that any label is 1.
 */
function negativesOf(manifest: PreparedSet["manifest"]): string[] {
  const { negatives, tasks = [], spaces = {} } = manifest?.tables.impressions ?? {};
  if (negatives === undefined) return [];
  const share = negatives.kept / (negatives.kept + negatives.dropped);
  const r = share.toPrecision(6);
  const [first = "", ...others] = tasks.filter((task) => spaces[task] === undefined);
  const rule =
    others.length === 0
      ? `the probability of ${first} is p / (p + (1 - p) / ${r}) where it answers p`
      : `the probability of a label is p (s + ${r} (1 - s)) where it answers p, s the probability that a row has any positive label`;
  const within = Object.entries(spaces).map(
    ([task, space]) => `${task} counts where ${space} is 1, and stays as it is`,
  );
  return [
    [
      `It was trained on ${r} of the rows without a positive label (${negatives.dropped} were dropped): ${rule}`,
      ...within,
    ].join("; ") + ".",
  ];
}
