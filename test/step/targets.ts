import { join } from "node:path";
import { given } from "@gradpool/core";
import { defineCommand, type Command } from "../../packages/cli/src/terminal/command.js";
import { table } from "../../packages/cli/src/terminal/table.js";
import { readNumber } from "../../packages/cli/src/terminal/values.js";
import { ourSide, type Places, shapeOf, torchSide } from "./command.js";
import { paired, showPaired } from "./compare.js";
import { growth, growthHead } from "./growth.js";
import { median } from "./quantiles.js";
import type { Side } from "./side.js";
import type { StepShape, StepSpec } from "./types.js";
import { loadWorkload } from "./worker.js";

/** What a step may take, in milliseconds of a quiet machine with two cores, by the threads that it may have. */
interface Target {
  readonly name: string;
  readonly workload: string;
  readonly method: string;
  readonly sizes?: Partial<StepShape>;
  readonly most: Readonly<Record<number, number>>;
  /** Steps of a side before it is the next one's turn. */
  readonly block: number;
}

const million = { users: 1_000_000, items: 1_000_000 };
const targets: readonly Target[] = [
  { name: "EW, 20 k × 30 k", workload: "mf", method: "ew", most: {}, block: 10 },
  { name: "PCGrad, 20 k × 30 k", workload: "mf", method: "pcgrad", most: { 2: 1.8 }, block: 10 },
  { name: "EW, 1 M × 1 M", workload: "mf", method: "ew", sizes: million, most: {}, block: 5 },
  { name: "PCGrad, 1 M × 1 M", workload: "mf", method: "pcgrad", sizes: million, most: { 2: 3.5 }, block: 5 },
  { name: "ranking, decayed", workload: "ranking", method: "decayed", most: { 1: 60 }, block: 1 },
  { name: "ranking, trained", workload: "ranking", method: "trained", most: { 1: 250 }, block: 1 },
  { name: "ranking, random", workload: "ranking", method: "random", most: { 1: 400 }, block: 1 },
  { name: "LightGCN, EW", workload: "graph", method: "ew", most: { 2: 90 }, block: 1 },
  { name: "LightGCN, PCGrad", workload: "graph", method: "pcgrad", most: { 2: 190 }, block: 1 },
  { name: "click, EW", workload: "ctr", method: "ew", most: { 1: 28 }, block: 2 },
  { name: "click, PCGrad", workload: "ctr", method: "pcgrad", most: { 1: 58 }, block: 2 },
];

const number = (description: string, fallback: string) =>
  ({ type: "string", valueHint: "N", description, default: fallback }) as const;

/** `npm run bench:targets`: what steps take on one thread and two, ours and PyTorch's, beside what they are to take. */
export const targetsCommand = (places: Places): Command =>
  defineCommand({
    name: "targets",
    summary: "time steps on one thread and two, beside their targets and PyTorch's",
    details:
      "Ours and the peer's, each on one thread and on two, are processes of their own that take turns. Ratios are medians over rounds, with " +
      "their 95 % intervals: ours on two threads to ours on one, and to each fitting method of the peer on two. Targets are for a quiet machine of two cores.",
    examples: [
      "npm run bench:targets -- --peer torch",
      "npm run bench:targets -- --only 'PCGrad, 20 k × 30 k' --rounds 40",
    ],
    args: {
      growth: {
        type: "boolean",
        description:
          "instead: how PCGrad on mf grows with tasks, width and rows, on 1 to 8 threads simulated from the times of units",
      },
      only: { type: "string", valueHint: "TEXT", description: "rows whose names have this in them; default: all" },
      backend: {
        type: "string",
        valueHint: "NAME",
        description:
          "click: a tfjs backend; its targets are for node, TensorFlow's library, which has two threads in both columns",
      },
      rounds: number("turns of each side (growth: steps)", "20"),
      peer: { type: "enum", options: ["none", "torch"], description: "what to compare to", default: "none" },
      clock: {
        type: "enum",
        options: ["wall", "cpu"],
        description: "time a step by the clock, or by processor time of all its threads",
        default: "wall",
      },
    },
    async run({ args, terminal }) {
      const rounds = readNumber(args.rounds, "rounds", { min: 1, integer: true });
      if (args.growth === true) {
        const usual = shapeOf(await loadWorkload("mf"), {});
        const figures = terminal.progress({ label: "shapes", total: 13, unit: "shapes" });
        const grown = await growth(usual, rounds, (done) => figures.update(done));
        figures.stop();
        return terminal.result(grown, (all) => table(growthHead, all));
      }
      const chosen = targets.filter(({ name }) => name.includes(args.only ?? ""));
      const progress = terminal.progress({ label: "rows", total: chosen.length, unit: "rows" });
      const rows: string[][] = [];
      for (const [k, target] of chosen.entries()) {
        const clock = args.clock as StepSpec["clock"];
        rows.push(
          await timed(target, { rounds, clock, withPeer: args.peer === "torch", backend: args.backend }, places),
        );
        progress.update(k + 1);
      }
      progress.stop();
      terminal.result(rows, (all) => table(head, all));
    },
  });

const head: readonly string[] = [
  "step",
  "target ms",
  "1 thread",
  "2 threads",
  "2 / 1",
  "torch, 1 thread",
  "torch, 2 threads",
  "ours / torch, 2 threads",
];

const threadCounts = [1, 2];

interface Timing {
  readonly rounds: number;
  readonly clock: StepSpec["clock"];
  readonly withPeer: boolean;
  readonly backend: string | undefined;
}

async function timed(
  { name, workload: from, method, sizes, most, block }: Target,
  { rounds, clock, withPeer, backend }: Timing,
  places: Places,
): Promise<string[]> {
  const workload = await loadWorkload(from);
  const base = { workload: from, shape: { ...shapeOf(workload, {}), ...sizes }, clock };
  const [model] = workload.models;
  const spec = { ...base, method, ...given({ model, backend: from === "ctr" ? backend : undefined }) };
  const peers = withPeer && workload.peer !== undefined ? workload.peers(method) : [];
  const script = join(places.peers, workload.peer ?? "");
  const sides: { readonly side: Side; readonly label: string; readonly rounds: number[] }[] = [];
  try {
    for (const threads of threadCounts) {
      sides.push({ side: await ourSide(places.self, { ...spec, threads }), label: `ours ${threads}`, rounds: [] });
      for (const peer of peers) {
        const side = await torchSide(script, workload, { ...spec, method: peer, threads });
        sides.push({ side, label: `${peer} ${threads}`, rounds: [] });
      }
    }
    for (const { side } of sides) await side.run(2 * block);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < sides.length; turn++) {
        const own = sides[(turn + round) % sides.length] as (typeof sides)[number];
        own.rounds.push(median((await own.side.run(block)).times));
      }
    }
  } finally {
    for (const { side } of sides) side.stop();
  }
  const of = (label: string): readonly number[] => sides.find((one) => one.label === label)?.rounds ?? [];
  const shown = (label: string): string => median(of(label)).toFixed(2);
  const listed = (show: (peer: string) => string): string => peers.map((peer) => `${peer} ${show(peer)}`).join("\n");
  return [
    name,
    Object.entries(most)
      .map(([threads, limit]) => `${limit} (${threads} thread${threads === "1" ? "" : "s"})`)
      .join("\n"),
    shown("ours 1"),
    shown("ours 2"),
    showPaired(paired(of("ours 2"), of("ours 1"))),
    listed((peer) => shown(`${peer} 1`)),
    listed((peer) => shown(`${peer} 2`)),
    listed((peer) => showPaired(paired(of("ours 2"), of(`${peer} 2`)))),
  ];
}
