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

/** citty definitions of the options of training, from their table; shared by `train` and `bench`. */
export const trainArgs: Readonly<Record<TrainFlag, FlagArg>> = {
  ...(Object.fromEntries(trainFields.map((field) => [hyphenated(field), argOf(field)])) as Record<TrainFlag, FlagArg>),
  target: { type: "string", valueHint: "TASK", description: "the target task, put first (default: the data set's)" },
};

function argOf(field: TrainField): FlagArg {
  const option = trainOption(field);
  const words = option.type === "enum" ? `${option.values.join(" | ")}: ` : "";
  const standard = option.open === undefined ? written(option, option.default) : `: ${option.open}`;
  return {
    type: "string",
    valueHint: option.hint,
    description: `${words}${option.description} (default${standard.startsWith(":") ? "" : " "}${standard})`,
  };
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
    return `${option}=${[written(spec, spec.default), ...others].join("|")}`;
  });
  return shown.length === 0 ? name : `${name}(${shown.join(",")})`;
}

/** What `--model` takes, for `--help`. */
export const modelLines: readonly string[] = workloads.flatMap((workload) => [
  `  ${specifierOf(workload)}`,
  `      ${workload.summary}`,
]);
