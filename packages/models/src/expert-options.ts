import type * as tfjs from "@tensorflow/tfjs-core";
import type { JsonObject } from "@gradpool/core";
import { fieldInput, type FieldInput, type FieldOptions } from "./field-input.js";
import type { GateShape } from "./gates.js";
import { interaction, type Interaction, type InteractionName } from "./interactions.js";
import type { TensorOps, Tensors, TensorTask } from "./contract/tensor.js";
import { distinct, fraction, positive } from "./options.js";

/** What models of experts have in common. */
export interface ExpertOptions extends FieldOptions {
  /** Task names (binary), or tasks. The target first. */
  readonly tasks: readonly (string | TensorTask)[];
  /** What the inputs go through before the experts. Default `none`. */
  readonly interaction?: InteractionName;
  /** DCN's layers. Default 2. */
  readonly crossLayers?: number;
  /** An expert's layers, ReLU after each. Default 256-128-64. */
  readonly expert?: readonly number[];
  /** A gate's hidden layers. Default none: linear. */
  readonly gate?: readonly number[];
  /** A bias in a gate's last layer. Default false. */
  readonly gateBias?: boolean;
  /** Hidden layers of a task's tower. Default 32. */
  readonly head?: readonly number[];
  /** After every hidden layer of experts and towers. Default 0. */
  readonly dropout?: number;
  /** Batch normalisation before every ReLU of experts and towers. Default false. */
  readonly batchNorm?: boolean;
}

/** The same, resolved and checked. */
export interface ExpertParts {
  readonly tasks: readonly TensorTask[];
  readonly names: readonly string[];
  readonly input: FieldInput;
  readonly crossed: Interaction;
  readonly expert: readonly number[];
  /** Width of an expert's output. */
  readonly width: number;
  readonly gate: GateShape;
  readonly head: readonly number[];
  readonly dropout: number;
  readonly batchNorm: boolean;
  readonly options: JsonObject;
  /** What the experts read. */
  read(tf: TensorOps, inputs: Tensors, variables: Tensors): tfjs.Tensor2D;
}

const taskOf = (task: string | TensorTask): TensorTask =>
  typeof task === "string" ? { name: task, objective: "bce" } : task;

export function expertParts(model: string, options: ExpertOptions): ExpertParts {
  const { interaction: named = "none", crossLayers = 2, dropout = 0, gateBias = false } = options;
  const { batchNorm = false } = options;
  const { expert = [256, 128, 64], gate = [], head = [32] } = options;
  const tasks = options.tasks.map(taskOf);
  const names = tasks.map(({ name }) => name);
  widths(model, { expert, gate, head });
  fraction(model, "dropout", dropout);
  distinct(model, "tasks", names);
  const input = fieldInput(options, { model });
  const crossed = interaction(named, input, crossLayers);
  return {
    tasks,
    names,
    input,
    crossed,
    expert,
    width: expert.at(-1) as number,
    gate: { widths: gate, bias: gateBias },
    head,
    dropout,
    batchNorm,
    options: {
      ...input.options,
      tasks: tasks.map(({ name, objective }) => ({ name, objective })),
      interaction: named,
      crossLayers,
      expert: [...expert],
      gate: [...gate],
      gateBias,
      head: [...head],
      dropout,
      batchNorm,
    },
    read: (tf, inputs, variables) => crossed.apply(tf, input.read(tf, inputs, variables), variables, inputs),
  };
}

/** Refuses widths that are none; `expert` has one at least. */
export function widths(model: string, lists: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, list] of Object.entries(lists)) {
    const empty = list.length === 0;
    if (!empty || name === "expert" || name === "bottom") positive(model, { [name]: empty ? 0 : Math.min(...list) });
  }
}
