import type { JsonObject } from "@gradpool/core";
import { loadWorkload, rangeOf, type Workload, workloads, written } from "@gradpool/runs";
import pc from "picocolors";
import { type Command, defineCommand } from "../terminal/command.js";
import { table } from "../terminal/table.js";

/** A model as `gradpool models --json` gives it. */
function describe({ name, summary, options, metrics }: Workload): JsonObject {
  const described = Object.entries(options).map(([option, spec]) => [
    option,
    {
      type: spec.type,
      default: spec.default === null ? null : written(spec, spec.default),
      range: rangeOf(spec),
      description: spec.description,
    },
  ]);
  return { name, summary, options: Object.fromEntries(described), metrics: [...metrics] };
}

function details({ name, summary, options, metrics }: Workload): string {
  const rows = Object.entries(options).map(([option, spec]) => [
    option,
    written(spec, spec.default),
    rangeOf(spec),
    spec.description,
  ]);
  return [
    pc.bold(name),
    summary,
    `metrics  ${metrics.join(", ")}`,
    "",
    rows.length === 0 ? "no options" : table(["option", "default", "range", "meaning"], rows),
  ].join("\n");
}

export const modelsCommand: Command = defineCommand({
  name: "models",
  summary: "list the models that can be trained, with their options",
  details: "NAME: a model, or a third party's ./path.js or package name.",
  examples: [
    "gradpool models",
    "gradpool models shared-bottom",
    "gradpool models ./my-model.js",
    "gradpool models --json",
  ],
  args: {
    name: { type: "positional", required: false, description: "show one model" },
  },
  async run({ args, terminal }) {
    const found = args.name === undefined ? workloads : [(await loadWorkload(args.name)).workload];
    terminal.result(
      found.map((workload) => describe(workload)),
      () => found.map((workload) => details(workload)).join("\n\n"),
    );
  },
});
