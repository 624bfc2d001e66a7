import { fieldInput, type FieldInput, type FieldOptions } from "./field-input.js";
import { distinct, fraction, refuse } from "./options.js";

export interface FunnelOptions extends FieldOptions {
  /** In the order of the funnel: a later step's positives are among an earlier one's. */
  readonly tasks: readonly string[];
  /** After every hidden layer. Default 0. */
  readonly dropout?: number;
  /** Batch normalisation before every ReLU of towers and bottoms. Default false. */
  readonly batchNorm?: boolean;
}

export interface FunnelParts {
  readonly tasks: readonly string[];
  readonly input: FieldInput;
  readonly dropout: number;
  readonly batchNorm: boolean;
}

/** `steps`: how many the model can have. */
export function funnelParts(model: string, options: FunnelOptions, steps: { readonly most: number }): FunnelParts {
  const { tasks, dropout = 0, batchNorm = false } = options;
  fraction(model, "dropout", dropout);
  distinct(model, "tasks", tasks);
  if (tasks.length < 2 || tasks.length > steps.most) {
    const wanted = steps.most === 2 ? "give two, as click,conversion" : "give two or more, as click,cart,buy";
    throw refuse(model, "tasks", tasks.join(","), `${wanted}: the steps of a funnel in their order`);
  }
  return { tasks, input: fieldInput(options, { model }), dropout, batchNorm };
}
