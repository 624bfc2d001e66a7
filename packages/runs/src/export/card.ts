import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, given, isGradpoolError } from "@gradpool/core";
import { summarize } from "@gradpool/metrics";
import type { TrainedRun } from "../open/contract.js";

/** A metric on the test part; of rankings with the 95 % t interval of its mean over users. */
export interface CardMetric {
  readonly value: number | null;
  readonly lower?: number;
  readonly upper?: number;
  readonly users?: number;
}

/** What somebody must know who is handed a trained model. */
export interface ModelCard {
  readonly version: 1;
  readonly model: string;
  readonly pool: string;
  readonly tasks: readonly string[];
  readonly weights: { readonly of: "best" | "newest"; readonly epoch: number | null; readonly parameters: number };
  readonly data: {
    readonly hash: string;
    readonly users: number;
    readonly items: number;
    readonly target: string;
    readonly counts: JsonObject;
    readonly split: JsonObject | null;
    readonly sources: readonly JsonObject[];
  };
  readonly metrics: Readonly<Record<string, Readonly<Record<string, CardMetric>>>>;
  readonly configuration: JsonObject;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: readonly string[];
}

export async function cardOf(run: TrainedRun): Promise<ModelCard> {
  const { config, file, data, tasks, weights } = run;
  const { set } = data;
  const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never;
  const parameters = run.weightsByName().reduce((sum, { values }) => sum + values.length, 0);
  const epoch = weights === "best" ? (file?.result.bestEpoch ?? null) : null;
  return {
    version: 1,
    model: config.model,
    pool: config.pool,
    tasks,
    weights: { of: weights, epoch, parameters },
    data: {
      hash: data.hash,
      users: set.users,
      items: set.items,
      target: set.target,
      counts: json(set.counts),
      split: json(set.manifest?.split ?? null),
      sources: json(set.manifest?.sources ?? []),
    },
    metrics: await metricsOf(run),
    configuration: json(config),
    environment: file?.environment ?? {},
    limits: limitsOf(run),
  };
}

/** On the test part, by the ids at hand; of labelled rows, which a run does not keep, what training found. */
async function metricsOf(run: TrainedRun): Promise<ModelCard["metrics"]> {
  try {
    const { tasks } = await run.evaluate({ tasks: run.ranks ? "all" : [...run.tasks] });
    const judged = Object.entries(tasks).map(([task, { values, perUser, users }]) => {
      const entries = Object.entries(values).map(([metric, value]) => {
        const own = perUser?.[metric];
        const interval = own === undefined || own.length < 2 ? undefined : summarize(own);
        const shown = { lower: interval?.lower, upper: interval?.upper, users: users?.length };
        return [metric, { value: Number.isFinite(value) ? value : null, ...given(shown) }] as const;
      });
      return [task, Object.fromEntries(entries)] as const;
    });
    return Object.fromEntries(judged);
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
    const found = Object.entries(run.file?.result.test ?? {}).map(([metric, value]) => [metric, { value }] as const);
    return { [run.tasks.join(", ")]: Object.fromEntries(found) };
  }
}

function limitsOf({ ranks, data, weights }: TrainedRun): string[] {
  const { users, items } = data.set;
  return [
    `It knows ${users} users and ${items} items; new ones get what is popular, or the mean of all.`,
    ...(ranks
      ? ["Metrics are of full rankings: every item that the user had not met in training, against the pairs held out."]
      : ["It predicts labels of rows as they were shown: what was never shown is outside of what it learnt."]),
    "It learnt what was chosen under what was offered then: popular items are favoured, and scores are no causal effects.",
    ...(weights === "newest" ? ["No epoch was judged best: the weights are the newest."] : []),
  ];
}

/** `card.json`, and the same to read in `card.md`. */
export function writeCard(folder: string, card: ModelCard): void {
  writeFileSync(join(folder, "card.json"), `${JSON.stringify(card, null, 2)}\n`);
  writeFileSync(join(folder, "card.md"), readable(card));
}

const number = (value: number | null | undefined): string => value?.toFixed(4) ?? "-";

function readable(card: ModelCard): string {
  const { data, weights, environment } = card;
  const rows = Object.entries(card.metrics).flatMap(([task, metrics]) =>
    Object.entries(metrics).map(([metric, { value, lower, upper, users }]) => {
      const interval = lower === undefined ? "" : `${number(lower)} … ${number(upper)}`;
      return `| ${task} | ${metric} | ${number(value)} | ${interval} | ${users ?? ""} |`;
    }),
  );
  const counts = Object.entries(data.counts).map(
    ([name, count]) => `- ${name}: ${JSON.stringify(count).replaceAll(/["{}]/g, "").replaceAll(",", ", ")}`,
  );
  return `# ${card.model}, balanced by ${card.pool}

Tasks: ${card.tasks.join(", ")}. ${weights.parameters.toLocaleString("en-US")} parameters, weights of ${weights.of === "best" ? `epoch ${weights.epoch ?? "?"}, the best on validation` : "the newest epoch"}.

## Metrics on the test part

| task | metric | value | 95 % over users | users |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

## Data

${data.users.toLocaleString("en-US")} users, ${data.items.toLocaleString("en-US")} items, target ${data.target}; hash ${data.hash}.

${counts.join("\n")}

## Limits

${card.limits.map((limit) => `- ${limit}`).join("\n")}

## Made with

${Object.entries(environment)
  .map(([name, value]) => `- ${name}: ${value}`)
  .join("\n")}
`;
}
