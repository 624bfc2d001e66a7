import { join } from "node:path";
import { given, type Level } from "@gradpool/core";
import { defineCommand, type Command } from "../../packages/cli/src/terminal/command.js";
import { usageError } from "../../packages/cli/src/terminal/errors.js";
import { table } from "../../packages/cli/src/terminal/table.js";
import { readNumber } from "../../packages/cli/src/terminal/values.js";
import { compare, head, rowsOf } from "./compare.js";
import { type Side, startSide } from "./side.js";
import type { StepShape, StepSpec, Workload } from "./types.js";
import { loadWorkload } from "./worker.js";

export interface Places {
  /** The script that runs our side with `--worker`. */
  readonly self: string;
  /** test/peers. */
  readonly peers: string;
}

const size = (description: string) => ({ type: "string", valueHint: "N", description }) as const;

const number = (description: string, fallback: string) =>
  ({ type: "string", valueHint: "N", description, default: fallback }) as const;

/** `npm run bench:step`: one training step, ours and the PyTorch peer's, taking turns. */
export const stepCommand = (places: Places): Command =>
  defineCommand({
    name: "step",
    summary: "time one training step, ours beside PyTorch's",
    details:
      "Each method of ours, and each of the peer's that it is compared to, runs in a process of its own; they take turns, " +
      'a block of steps each. With several backends "/ first" is a step\'s time over the same method\'s on the first of them. "/ our ew" is the median over rounds of a step\'s time over that of equal weights in the same ' +
      "round, with its 95 % interval; the last column is the same over the fitting methods of the peer (ew: torch's own, mf also with " +
      "sparse Adam, graph also with CSR; ranking: its topk; else TorchJD's PCGrad, with the same adjacency or at the same level). The peer's Python " +
      "is $PEER_PYTHON (default python3), with torch and torchjd; graph wants scipy.",
    examples: [
      "npm run bench:step -- --peer torch",
      "npm run bench:step -- --users 1000000 --items 1000000 --methods ew,pcgrad --steps 10 --peer torch --json",
      "npm run bench:step -- --workload graph --pairs edges.txt --threads 1 --clock cpu --peer torch",
      "npm run bench:step -- --workload experts --model ple-deepfm --backend node --peer torch",
      "npm run bench:step -- --workload ctr --backend node-gpu,node --peer torch --device cuda",
      "npm run bench:step -- --workload ranking --steps 20 --block 1 --warmup 2 --threads 1 --peer torch",
    ],
    args: {
      workload: {
        type: "string",
        valueHint: "mf|ctr|graph|experts|ranking",
        description: "what is timed",
        default: "mf",
      },
      methods: {
        type: "string",
        valueHint: "A,B,…",
        description: "pool specifiers (ranking: vectors); default: those of the workload",
      },
      model: { type: "string", valueHint: "NAME", description: "graph: lightgcn or ngcf; experts: mmoe or ple-deepfm" },
      level: { type: "enum", options: ["losses", "parameters", "representation"], description: "where pools act" },
      backend: {
        type: "string",
        valueHint: "NAME",
        description: "mf, graph: wasm or plain; else tfjs backends, one or several: A,B",
      },
      users: size("rows of the user table; default 20000 (mf), 29858 (graph), 8721 (ranking)"),
      items: size("rows of the item table; default 30000 (mf), 40981 (graph), 11930 (ranking)"),
      edges: size("interactions of the made-up graph; default 810128, Gowalla's"),
      pairs: { type: "string", valueHint: "FILE", description: "lines `user item`: a graph to use instead of it" },
      layers: size("hops of a graph encoder; default 3"),
      fields: size("categorical fields (ctr, experts); default 20"),
      vocab: size("values of a field (ctr, experts); default 50000"),
      dim: size("width of an embedding; default 32 (mf), 16 (ctr, experts), 64 (graph, ranking)"),
      tasks: size("tasks; default 3, 6 (experts)"),
      batch: size("samples of a batch; default 2048"),
      steps: number("timed steps of each side", "60"),
      warmup: number("steps before them", "16"),
      block: number("steps of a side before the next one's turn", "5"),
      clock: {
        type: "enum",
        options: ["wall", "cpu"],
        description: "time a step by the clock, or by processor time of all its threads",
        default: "wall",
      },
      peer: { type: "enum", options: ["none", "torch"], description: "what to compare to", default: "none" },
      device: { type: "enum", options: ["cpu", "cuda"], description: "where the peer computes", default: "cpu" },
      threads: number("threads of the peer, and of ours", "2"),
    },
    async run({ args, terminal }) {
      const workload = await loadWorkload(args.workload);
      const count = (flag: string, text: string, min = 1): number => readNumber(text, flag, { min, integer: true });
      const shape = shapeOf(workload, args);
      const schedule = {
        steps: count("steps", args.steps),
        warmup: count("warmup", args.warmup, 0),
        block: count("block", args.block),
      };
      const methods = args.methods === undefined ? workload.methods : splitMethods(args.methods);
      const threads = count("threads", args.threads);
      const base = {
        workload: workload.name,
        shape,
        threads,
        clock: args.clock as StepSpec["clock"],
        ...modelOf(workload, args.model),
        ...given({ level: args.level as Level | undefined, pairs: args.pairs }),
        device: args.device as NonNullable<StepSpec["device"]>,
      };
      const backends = args.backend?.split(",") ?? [undefined];
      const sides: Side[] = [];
      try {
        for (const backend of backends)
          for (const method of methods)
            sides.push(await ourSide(places.self, { ...base, method, ...given({ backend }) }));
        if (args.peer === "torch" && workload.peer !== undefined)
          for (const method of peersOf(workload, methods))
            sides.push(await torchSide(join(places.peers, workload.peer), workload, { ...base, method }));
        const progress = terminal.progress({ label: "steps", total: schedule.steps, unit: "steps" });
        const figures = await compare(sides, workload, base, schedule, (done) => progress.update(done));
        progress.stop();
        terminal.result(figures, (all) => table(head, rowsOf(all)));
      } finally {
        for (const side of sides) side.stop();
      }
    },
  });

const usual: StepShape = {
  users: 20_000,
  items: 30_000,
  fields: 20,
  vocab: 50_000,
  dim: 32,
  tasks: 3,
  batch: 2048,
  edges: 810_128,
  layers: 3,
};

/** The flags' sizes, the workload's own defaults, the usual ones. */
export function shapeOf(
  { defaults }: Workload,
  flags: Partial<Record<keyof StepShape, string | undefined>>,
): StepShape {
  const sizes = Object.entries({ ...usual, ...defaults }).map(([name, fallback]) => {
    const text = flags[name as keyof StepShape];
    return [name, text === undefined ? fallback : readNumber(text, name, { min: 1, integer: true })];
  });
  return Object.fromEntries(sizes) as unknown as StepShape;
}

function modelOf({ name, models }: Workload, model = models[0]): Pick<StepSpec, "model"> {
  if (model === undefined) return {};
  if (models.includes(model)) return { model };
  throw usageError(
    `--model is ${model}`,
    `workload ${name}`,
    `give ${models.join(" or ") || "none: there is but one"}`,
  );
}

/** Commas part methods, except inside parentheses. */
function splitMethods(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/).map((method) => method.trim());
}

function peersOf(workload: Workload, methods: readonly string[]): readonly string[] {
  return [...new Set(methods.flatMap((method) => [...workload.peers(method)]))];
}

export function ourSide(self: string, spec: StepSpec): Promise<Side> {
  return startSide(spec.method, process.execPath, [self, "--worker", JSON.stringify(spec)]);
}

export function torchSide(
  script: string,
  { sizes }: Workload,
  { workload, model, method, shape, pairs, clock, threads = 1, device = "cpu" }: StepSpec,
): Promise<Side> {
  const flags = [
    ...sizes.flatMap((name) => [`--${name}`, String(shape[name])]),
    ...(pairs === undefined ? [] : ["--pairs", pairs]),
    "--threads",
    String(threads),
    "--device",
    device,
    "--clock",
    clock,
    "--method",
    method,
    "--serve",
  ];
  return startSide(method, process.env["PEER_PYTHON"] ?? "python3", [script, model ?? workload, ...flags]);
}
