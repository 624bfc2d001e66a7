import type { Level } from "@gradpool/core";
import { defineCommand, type Command } from "../../packages/cli/src/terminal/command.js";
import { table } from "../../packages/cli/src/terminal/table.js";
import { readNumber } from "../../packages/cli/src/terminal/values.js";
import { compare, head, rowsOf } from "./compare.js";
import { type Side, startSide } from "./side.js";
import type { StepShape, StepSpec, Workload } from "./types.js";
import { loadWorkload } from "./worker.js";

export interface Places {
  /** The script that runs our side with `--worker`. */
  readonly self: string;
  /** test/peers/torch_step.py. */
  readonly peer: string;
}

const number = (description: string, fallback: string) =>
  ({ type: "string", valueHint: "N", description, default: fallback }) as const;

/** `npm run bench:step`: one training step, ours and the PyTorch peer's, taking turns. */
export const stepCommand = (places: Places): Command =>
  defineCommand({
    name: "step",
    summary: "time one training step, ours beside PyTorch's",
    details:
      "Each method of ours, and each of the peer's that it is compared to, runs in a process of its own; they take turns, " +
      'a block of steps each. "/ our ew" is the median over rounds of a step\'s time over that of equal weights in the same ' +
      "round, with its 95 % interval. The last column is our median over that of the fastest fitting peer (ew: torch's dense and " +
      "sparse Adam; else TorchJD's PCGrad). The peer's Python is $PEER_PYTHON (default python3), with torch and torchjd.",
    examples: [
      "npm run bench:step -- --peer torch",
      "npm run bench:step -- --users 1000000 --items 1000000 --methods ew,pcgrad --steps 10 --peer torch --json",
    ],
    args: {
      workload: { type: "string", valueHint: "mf|ctr", description: "what is trained", default: "mf" },
      methods: { type: "string", valueHint: "A,B,…", description: "pool specifiers; default: those of the workload" },
      level: { type: "enum", options: ["losses", "parameters", "representation"], description: "where pools act" },
      backend: { type: "string", valueHint: "NAME", description: "mf: wasm or plain; ctr: a tfjs backend" },
      users: number("rows of the user table (mf)", "20000"),
      items: number("rows of the item table (mf)", "30000"),
      fields: number("categorical fields (ctr)", "20"),
      vocab: number("values of a field (ctr)", "50000"),
      dim: { type: "string", valueHint: "N", description: "width of an embedding; default 32 (mf), 16 (ctr)" },
      tasks: number("tasks", "3"),
      batch: number("samples of a batch", "2048"),
      steps: number("timed steps of each side", "60"),
      warmup: number("steps before them", "16"),
      block: number("steps of a side before the next one's turn", "5"),
      peer: { type: "enum", options: ["none", "torch"], description: "what to compare to", default: "none" },
    },
    async run({ args, terminal }) {
      const workload = await loadWorkload(args.workload);
      const count = (flag: keyof StepShape | "steps" | "warmup" | "block", text: string, min = 1): number =>
        readNumber(text, flag, { min, integer: true });
      const shape: StepShape = {
        users: count("users", args.users),
        items: count("items", args.items),
        fields: count("fields", args.fields),
        vocab: count("vocab", args.vocab),
        dim: count("dim", args.dim ?? String(workload.defaultDim)),
        tasks: count("tasks", args.tasks),
        batch: count("batch", args.batch),
      };
      const schedule = {
        steps: count("steps", args.steps),
        warmup: count("warmup", args.warmup, 0),
        block: count("block", args.block),
      };
      const methods = args.methods === undefined ? workload.methods : splitMethods(args.methods);
      const base = {
        workload: workload.name,
        shape,
        ...(args.level === undefined ? {} : { level: args.level as Level }),
        ...(args.backend === undefined ? {} : { backend: args.backend }),
      };
      const sides: Side[] = [];
      try {
        for (const method of methods) sides.push(await ourSide(places.self, { ...base, method }));
        if (args.peer === "torch")
          for (const method of peersOf(workload, methods))
            sides.push(await torchSide(places.peer, { ...base, method }));
        const progress = terminal.progress({ label: "steps", total: schedule.steps, unit: "steps" });
        const figures = await compare(sides, workload, shape, schedule, (done) => progress.update(done));
        progress.stop();
        terminal.result(figures, (all) => table(head, rowsOf(all, workload)));
      } finally {
        for (const side of sides) side.stop();
      }
    },
  });

/** Commas part methods, except inside parentheses. */
function splitMethods(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/).map((method) => method.trim());
}

function peersOf(workload: Workload, methods: readonly string[]): readonly string[] {
  return [...new Set(methods.flatMap((method) => [...workload.peers(method)]))];
}

function ourSide(self: string, spec: StepSpec): Promise<Side> {
  return startSide(spec.method, process.execPath, [self, "--worker", JSON.stringify(spec)]);
}

function torchSide(script: string, { workload, method, shape }: StepSpec): Promise<Side> {
  const sizes = Object.entries(shape).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const python = process.env["PEER_PYTHON"] ?? "python3";
  return startSide(method, python, [script, workload, "--method", method, ...sizes, "--serve"]);
}
