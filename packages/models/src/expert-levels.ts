import type * as tfjs from "@tensorflow/tfjs-core";
import { detached } from "./detached.js";
import { experts, expertSpecs, type ExpertShape } from "./experts.js";
import { gate, gateSpecs, type GateShape } from "./gates.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorOps, Tensors } from "./contract/tensor.js";

/** Levels of experts, some of a task's own and some shared, with a gate per task (PLE, STEM). */
export interface LevelsShape {
  readonly tasks: readonly string[];
  readonly levels: number;
  /** A task's own experts in a level. */
  readonly own: number;
  /** Shared experts in a level. */
  readonly shared: number;
  readonly expert: readonly number[];
  readonly gate: GateShape;
  readonly dropout: number;
  /** In experts. Default false. */
  readonly batchNorm?: boolean;
  /** Width of the inputs of the first level. */
  readonly input: number;
  /**
   * What a task's gate mixes. `own` (PLE): its own experts and the shared ones, by its own input. `all` (STEM): every expert,
   * other tasks' without gradient, by its own and the shared input added up.
   */
  readonly mixes: "own" | "all";
}

/** Inputs of a level. */
export interface LevelInputs {
  readonly tasks: Readonly<Record<string, tfjs.Tensor2D>>;
  readonly shared: tfjs.Tensor2D;
}

export interface ExpertLevels {
  readonly specs: readonly VariableSpec[];
  /** Up to the last level's inputs, and its shared experts' outputs. */
  below(
    tf: TensorOps,
    first: LevelInputs,
    variables: Tensors,
    context: ForwardContext,
  ): { readonly inputs: LevelInputs; readonly shared: tfjs.Tensor3D };
  /** The last level: what each task reads, from its inputs and the shared experts' outputs. */
  last(
    tf: TensorOps,
    inputs: LevelInputs,
    shared: tfjs.Tensor3D,
    variables: Tensors,
    context: ForwardContext,
  ): Record<string, tfjs.Tensor2D>;
}

export function expertLevels(shape: LevelsShape): ExpertLevels {
  const at = levelNames(shape);
  return {
    specs: Array.from({ length: shape.levels }, (_, level) => specsOf(shape, at, level)).flat(),
    below(tf, first, variables, context) {
      let inputs = first;
      for (let level = 0; level < shape.levels - 1; level++) {
        inputs = through({ tf, shape, at, level, variables, context }, inputs);
      }
      return { inputs, shared: experts(tf, inputs.shared, at.shared(shape.levels - 1), variables, context) };
    },
    last(tf, inputs, shared, variables, context) {
      const work = { tf, shape, at, level: shape.levels - 1, variables, context };
      return mixed(work, inputs, ownOutputs(work, inputs), shared);
    },
  };
}

interface Names {
  own(level: number, task: string): ExpertShape;
  shared(level: number): ExpertShape;
  /** A task's gate, or (null) the shared one. */
  gate(level: number, task: string | null): string;
}

function levelNames({ own, shared, expert, dropout, batchNorm = false }: LevelsShape): Names {
  const place = (level: number, task: string | null): string =>
    `level.${level}.${task === null ? "shared" : `task.${task}`}`;
  const shape = (level: number, task: string | null, count: number): ExpertShape => ({
    prefix: `${place(level, task)}.expert`,
    count,
    widths: expert,
    dropout,
    batchNorm,
  });
  return {
    own: (level, task) => shape(level, task, own),
    shared: (level) => shape(level, null, shared),
    gate: (level, task) => `${place(level, task)}.gate`,
  };
}

/**
 * Who owns what, by the losses that reach it. Below the last level the shared gate mixes every task's experts, so that all losses
 * reach them, and the gates that feed them; the gates of the last two levels feed one task only.
 */
function specsOf(shape: LevelsShape, at: Names, level: number): VariableSpec[] {
  const { tasks, levels, own, shared, gate, mixes } = shape;
  const last = level === levels - 1;
  const input = level === 0 ? shape.input : (shape.expert.at(-1) as number);
  const all = tasks.length * own + shared;
  const sizes = { input, experts: mixes === "all" ? all : own + shared };
  const common = { owner: null, place: "trunk" } as const;
  const feedsOne = level >= levels - 2;
  return [
    ...tasks.flatMap((task) =>
      expertSpecs(at.own(level, task), input, last ? { owner: task, place: "heads" } : common),
    ),
    ...expertSpecs(at.shared(level), input, common),
    ...tasks.flatMap((task) =>
      gateSpecs(at.gate(level, task), gate, sizes, {
        owner: feedsOne ? task : null,
        place: last ? "heads" : "trunk",
      }),
    ),
    ...(last ? [] : gateSpecs(at.gate(level, null), gate, { input, experts: all }, common)),
  ];
}

interface LevelWork {
  readonly tf: TensorOps;
  readonly shape: LevelsShape;
  readonly at: Names;
  readonly level: number;
  readonly variables: Tensors;
  readonly context: ForwardContext;
}

type Own = Readonly<Record<string, tfjs.Tensor3D>>;

/** Own experts' outputs of every task. */
function ownOutputs({ tf, shape, at, level, variables, context }: LevelWork, inputs: LevelInputs): Own {
  return Object.fromEntries(
    shape.tasks.map((task) => {
      const x = inputs.tasks[task] as tfjs.Tensor2D;
      return [task, experts(tf, x, at.own(level, task), variables, context)] as const;
    }),
  );
}

/** One level that is not the last: the next one's inputs. */
function through(work: LevelWork, inputs: LevelInputs): LevelInputs {
  const { tf, shape, at, level, variables, context } = work;
  const own = ownOutputs(work, inputs);
  const shared = experts(tf, inputs.shared, at.shared(level), variables, context);
  const weights = gate(tf, inputs.shared, at.gate(level, null), shape.gate, variables, context);
  context.gate(`shared, level ${level}`, expertNames(shape, shape.tasks), weights);
  const everything = [...shape.tasks.map((task) => own[task] as tfjs.Tensor3D), shared];
  return {
    tasks: mixed(work, inputs, own, shared),
    shared: context.mix(weights, everything),
  };
}

/** What the tasks' gates make of a level. */
function mixed(work: LevelWork, inputs: LevelInputs, own: Own, shared: tfjs.Tensor3D): Record<string, tfjs.Tensor2D> {
  const { tf, shape, at, level, variables, context } = work;
  const { tasks, mixes, levels } = shape;
  const held: Record<string, tfjs.Tensor3D> = {};
  if (mixes === "all") for (const task of tasks) held[task] = detached(tf, own[task] as tfjs.Tensor3D);
  return Object.fromEntries(
    tasks.map((task) => {
      const mine = inputs.tasks[task] as tfjs.Tensor2D;
      const x = mixes === "all" ? tf.add<tfjs.Tensor2D>(mine, inputs.shared) : mine;
      const weights = gate(tf, x, at.gate(level, task), shape.gate, variables, context);
      const readers = mixes === "all" ? tasks : [task];
      const where = levels === 1 ? task : `${task}, level ${level}`;
      context.gate(where, expertNames(shape, readers), weights);
      const some = readers.map((other) => (other === task ? own : held)[other] as tfjs.Tensor3D);
      return [task, context.mix(weights, [...some, shared])] as const;
    }),
  );
}

function expertNames({ own, shared }: LevelsShape, tasks: readonly string[]): string[] {
  const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, k) => `${name}.${k}`);
  return [...tasks.flatMap((task) => numbered(task, own)), ...numbered("shared", shared)];
}
