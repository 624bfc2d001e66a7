import {
  type Hyphenated,
  hyphenated,
  readField,
  type TrainConfig,
  type TrainField,
  trainFields,
  trainOption,
  type Workload,
  workloads,
  written,
} from "@gradpool/runs";

export type TrainFlag = Hyphenated<TrainField> | "target";

interface FlagArg {
  readonly type: "string";
  readonly valueHint: string;
  readonly description: string;
}

/** citty definitions of the options of training, from their table. */
export const trainArgs: Readonly<Record<TrainFlag, FlagArg>> = argsOf((field) =>
  // Nothing is trained on data that nobody named: see `gradpool train`.
  field === "data" ? "needed, unless --config or --resume says it" : `default${defaultOf(field, {})}`,
);

/** The same where a recipe's values come before the defaults, `demo`'s if no other is named. What is compared, and with which seeds, has flags of its own. */
export function recipeArgs(demo: Partial<TrainConfig>): Omit<typeof trainArgs, "pool" | "seed"> {
  const {
    pool: _pool,
    seed: _seed,
    ...args
  } = argsOf((field) => {
    const standard = defaultOf(field, demo);
    return `default: the recipe's; demo${standard.startsWith(":") ? standard : `:${standard}`}`;
  });
  return args;
}

function argsOf(standard: (field: TrainField) => string): Readonly<Record<TrainFlag, FlagArg>> {
  return {
    ...(Object.fromEntries(trainFields.map((field) => [hyphenated(field), argOf(field, standard(field))])) as Record<
      TrainFlag,
      FlagArg
    >),
    target: { type: "string", valueHint: "TASK", description: "the target task, put first (default: the data set's)" },
  };
}

/** What holds where nothing is given: a value after a space, or words after a colon. */
function defaultOf(field: TrainField, base: Partial<TrainConfig>): string {
  const option = trainOption(field);
  if (base[field] !== undefined) return ` ${written(option, base[field])}`;
  return option.open === undefined ? ` ${written(option, option.default)}` : `: ${option.open}`;
}

function argOf(field: TrainField, standard: string): FlagArg {
  const option = trainOption(field);
  const words = option.type === "enum" ? `${option.values.join(" | ")}: ` : "";
  return { type: "string", valueHint: option.hint, description: `${words}${option.description} (${standard})` };
}

/** The options that flags set. */
export function configOf(args: { readonly [F in TrainFlag]?: string | undefined }): Partial<TrainConfig> {
  const config = Object.fromEntries(
    trainFields.flatMap((field) => {
      const text = args[hyphenated(field) as TrainFlag];
      return text === undefined ? [] : [[field, readField(field, text, "command line")]];
    }),
  ) as { -readonly [F in TrainField]?: TrainConfig[F] };
  const { target } = args;
  if (target !== undefined) config.tasks = [target, ...(config.tasks ?? ["*"]).filter((task) => task !== target)];
  return config;
}

/** `mf(dim=32,loss=bpr|bce)`: a model with its options, words in full and the default first. */
function specifierOf({ name, options }: Workload): string {
  const shown = Object.entries(options).map(([option, spec]) => {
    const others = spec.type === "enum" ? spec.values.filter((value) => value !== spec.default) : [];
    // What is left open follows from the rest.
    return `${option}=${[written(spec, spec.default) || "…", ...others].join("|")}`;
  });
  return shown.length === 0 ? name : `${name}(${shown.join(",")})`;
}

/** What `--model` takes, for `--help`. */
export const modelLines: readonly string[] = workloads.flatMap((workload) => [
  `  ${specifierOf(workload)}`,
  `      ${workload.summary}`,
]);
