import { type HoldOut, impressionsSampler, missingLabel, planImpressions, type PreparedSet } from "@gradpool/data";
import { given } from "@gradpool/core";
import type { BooleanOption, EnumOption, NumberOption } from "@gradpool/core";
import type { FieldOptions, InteractionName, TensorModel } from "@gradpool/models";
import { jointFeed } from "@gradpool/trainer";
import { classification } from "../evaluation/classification.js";
import { keptNegatives, noteOnNegatives, withAllNegatives } from "../evaluation/kept-negatives.js";
import { optionError } from "../options/errors.js";
import type { WidthsOption } from "../options/spec.js";
import type { MadeWorkload, WorkloadRequest } from "./contract.js";
import { samplersFor } from "./draws.js";
import { batchNormOption, dropoutOption, startOption } from "./model-options.js";
import { requireTasks } from "./tasks.js";

/** An option of one of these words. */
interface OneOf<W extends string> extends EnumOption {
  readonly values: readonly W[];
}

interface InputOptions {
  readonly dim: NumberOption;
  readonly numericalInput: OneOf<"embedding" | "raw">;
  readonly std: NumberOption;
}

interface ExpertOptions extends InputOptions {
  readonly interaction: OneOf<InteractionName>;
  readonly expert: WidthsOption;
  readonly gate: WidthsOption;
  readonly gateBias: BooleanOption;
  readonly head: WidthsOption;
  readonly dropout: NumberOption;
  readonly batchNorm: BooleanOption;
}

/** Options of every model of impressions: its inputs. */
export const inputOptions: InputOptions = {
  dim: { type: "number", integer: true, min: 1, default: 16, description: "width of an embedding" },
  numericalInput: {
    type: "enum",
    values: ["embedding", "raw"],
    default: "embedding",
    description: "numerical features: one embedding of them, or as they are",
  },
  std: startOption(0.01),
};

export const interactionOption = (standard: InteractionName): OneOf<InteractionName> => ({
  type: "enum",
  values: ["dcn", "dcn-v2", "deepfm", "fm", "none"],
  default: standard,
  description: "how features meet before the layers",
});

export const headOption = (standard: readonly number[]): WidthsOption => ({
  type: "widths",
  default: standard,
  none: true,
  description: "hidden layers of a task's tower",
});

/** Options of models of experts, beside how many there are. */
export const expertOptions: ExpertOptions = {
  ...inputOptions,
  interaction: interactionOption("none"),
  expert: { type: "widths", default: [256, 128, 64], description: "layers of an expert" },
  gate: { type: "widths", default: [], none: true, description: "hidden layers of a gate" },
  gateBias: { type: "boolean", default: false, description: "a bias in a gate's last layer" },
  head: headOption([32]),
  dropout: dropoutOption(0),
  batchNorm: batchNormOption,
};

/** A number of things, one or more. */
export const countOption = (standard: number, description: string): NumberOption => ({
  type: "number",
  integer: true,
  min: 1,
  default: standard,
  description,
});

interface Inputs {
  readonly dim: number;
  readonly numericalInput: "embedding" | "raw";
  readonly std: number;
}

/** A model on the set's impressions: the rows that train it, and its quality on the labels. `funnel`: the tasks are steps of one. */
export function onImpressions(
  { set, config, needs, options }: Pick<WorkloadRequest, "set" | "config" | "needs"> & { readonly options: Inputs },
  make: (fields: FieldOptions & { readonly tasks: readonly string[] }) => TensorModel,
  { funnel = false }: { readonly funnel?: boolean } = {},
): MadeWorkload {
  const { tasks, batch, seed } = config;
  requireLabels(set, tasks);
  if (funnel) requireFunnel(set, tasks);
  const plan = planImpressions(set, { tasks });
  const { dim, numericalInput, std } = options;
  const model = make({
    fields: plan.fields.map(({ name, vocabulary, kind, pooling }) => ({
      name,
      vocabulary,
      kind,
      ...given({ pooling }),
    })),
    numerical: plan.numericalNames.length,
    tasks,
    dim,
    numericalInput,
    init: { kind: "normal", std },
  });
  const sampler = (stream: number, holdOut: HoldOut | undefined) =>
    impressionsSampler(set, { tasks, batchSize: batch, seed, stream, ...given({ holdOut }) });
  const { first: drawn, more } = samplersFor(config, needs, sampler, sampler);
  const notes = [noteOnNegatives(set, config), ...tasks.map((task) => noteOnUnknown(set, task))];
  return {
    model,
    feed: jointFeed(drawn, more),
    evaluation: (engine) => {
      const objectives = model.tasks.map(({ objective }) => objective);
      return classification(set, config, withAllNegatives(engine, keptNegatives(set, config), objectives), funnel);
    },
    notes: notes.filter((note) => note !== undefined),
    funnel,
  };
}

function requireLabels({ impressions }: PreparedSet, tasks: readonly string[]): void {
  if (impressions === undefined) {
    const remedy = "use a model of pairs, or prepare a set with labels per row";
    throw optionError("the data has no impressions, which the model learns from", "model", remedy);
  }
  requireTasks(tasks, impressions.tasks, (task) => `${task} is no label of the impressions`, "they have");
}

/** What to say of a task that no training row has a label of. */
function noteOnUnknown({ impressions }: PreparedSet, task: string): string | undefined {
  if (impressions === undefined) return undefined;
  const { streamed, train, tasks } = impressions;
  const k = tasks.indexOf(task);
  const known = streamed?.known[k] ?? (train.labels[k]?.some((label) => label !== missingLabel) === true ? 1 : 0);
  return known > 0 ? undefined : `no training row has a label of ${task}: nothing is learnt of it`;
}

/** Refuses steps whose positives are not among those of the step before. */
function requireFunnel({ impressions }: PreparedSet, tasks: readonly string[]): void {
  if (impressions === undefined) return;
  const { streamed } = impressions;
  const { labels, size } = impressions.train;
  const place = (task: string): number => impressions.tasks.indexOf(task);
  tasks.slice(1).forEach((task, t) => {
    const before = tasks[t] as string;
    const known = streamed?.strays[place(before)]?.[place(task)];
    const strays = known ?? straysIn(labels[place(before)] as Uint8Array, labels[place(task)] as Uint8Array);
    if (strays === 0) return;
    throw optionError(
      `the tasks are in no funnel order: ${strays} of ${streamed?.rows.train ?? size} rows are ${task} and not ${before}`,
      "tasks",
      "name the steps from the first to the last, each of which happens only after the one before, as click,cart,buy",
    );
  });
}

/** Rows that are of the later step and known not to be of the earlier. */
function straysIn(earlier: Uint8Array, later: Uint8Array): number {
  let strays = 0;
  for (let r = 0; r < later.length; r++) {
    if (later[r] === 1 && earlier[r] !== 1 && earlier[r] !== missingLabel) strays++;
  }
  return strays;
}
