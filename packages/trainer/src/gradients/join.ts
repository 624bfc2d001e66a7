import {
  type Combined,
  type FloatArray,
  type GramSet,
  GradpoolError,
  type Granularity,
  type GroupBlock,
  type GroupWeights,
  type ParameterInfo,
  type TaskGradients,
} from "@gradpool/core";
import type { GradientPart } from "./part.js";

/** Weights of one parameter, cut out of a pool's answer. */
export interface ParameterWeights {
  readonly granularity: Granularity;
  /** T, or touched rows × T at row granularity in a table. */
  readonly weights: Float64Array;
}

/** The task gradients of a step, whose combination is put off so that it can be fused with the optimiser. */
export interface JoinedGradients extends TaskGradients {
  /**
   * The weights behind a combined gradient that `combine` of these gradients made, parameter by parameter. Null for any
   * other combined gradient: read its values then.
   */
  weightsOf(combined: Combined, parameter: string): ParameterWeights | null;
}

/** Joins parts, wherever they are kept, into what a pool sees. A Gram is computed when asked for, and once. */
export function joinParts(parts: readonly GradientPart[], present: readonly boolean[]): JoinedGradients {
  const tasks = present.length;
  const parameters = parts.flatMap((part) => [...part.parameters]);
  const owners = parts.flatMap((part) => part.parameters.map(() => part));
  const cache = new Map<string, GramSet>();
  const decided = new WeakMap<Combined, GroupWeights>();

  const groupsOf = (info: ParameterInfo, granularity: Granularity): number =>
    granularity === "row" && info.kind === "rows" ? info.size / info.width : 1;

  function blocks(granularity: Granularity): readonly GroupBlock[] {
    if (granularity === "model") return [{ parameter: null, count: 1 }];
    return parameters.map((info) =>
      granularity === "row" && info.ids !== undefined
        ? { parameter: info.name, ids: info.ids, count: info.ids.length }
        : { parameter: info.name, count: 1 },
    );
  }

  function gram(granularity: Granularity, detail: "norms" | "gram" = "gram"): GramSet {
    const held = cache.get(`${granularity}:gram`) ?? cache.get(`${granularity}:${detail}`);
    if (held !== undefined) return held;
    const [part] = parts;
    if (granularity === "row" && detail === "norms" && parts.length === 1) {
      const norms = part?.norms?.("row") ?? null;
      if (norms !== null) {
        const size = norms.length / tasks;
        const cosines = new Float64Array(0);
        const set: GramSet = { granularity, tasks, present, blocks: blocks("row"), size, norms, cosines };
        cache.set("row:norms", set);
        return set;
      }
    }
    const raws = parts.map((one) => one.gram(granularity === "row" ? "row" : "parameter", detail));
    const square = tasks * tasks;
    let set: GramSet;
    if (granularity === "model") {
      const sum = new Float64Array(square);
      for (const raw of raws)
        for (let k = 0; k < raw.length; k++) sum[k % square] = (sum[k % square] as number) + (raw[k] as number);
      set = unitGrams(granularity, present, blocks(granularity), [sum], detail);
    } else set = unitGrams(granularity, present, blocks(granularity), raws, detail);
    cache.set(`${granularity}:${detail}`, set);
    return set;
  }

  function find(name: string): number {
    const at = parameters.findIndex((info) => info.name === name);
    if (at >= 0) return at;
    throw new GradpoolError({
      code: "not-found",
      what: `no parameter ${name}`,
      where: "task gradients",
      remedy: `known: ${parameters.map((info) => info.name).join(", ")}`,
    });
  }

  function cut(weights: GroupWeights, at: number): ParameterWeights {
    const { granularity } = weights;
    if (granularity === "model") return weights;
    let start = 0;
    for (let k = 0; k < at; k++) start += groupsOf(parameters[k] as ParameterInfo, granularity);
    const count = groupsOf(parameters[at] as ParameterInfo, granularity);
    const kind = (parameters[at] as ParameterInfo).kind;
    return {
      granularity: granularity === "row" && kind !== "rows" ? "parameter" : granularity,
      weights: weights.weights.subarray(start * tasks, (start + count) * tasks),
    };
  }

  return {
    tasks,
    present,
    parameters,
    gram,
    values: (parameter) => (owners[find(parameter)] as GradientPart).values(parameter),
    combine(weights) {
      const groups = parameters.reduce((sum, info) => sum + groupsOf(info, weights.granularity), 0);
      const expected = (weights.granularity === "model" ? 1 : groups) * tasks;
      if (weights.weights.length !== expected) {
        throw new GradpoolError({
          code: "shape",
          what: `${weights.weights.length} weights per ${weights.granularity}`,
          where: "combine",
          remedy: `give ${expected}: groups × tasks`,
        });
      }
      const combined: Combined = {
        weights,
        value(parameter) {
          const at = find(parameter);
          const info = parameters[at] as ParameterInfo;
          return combineValues(info, (owners[at] as GradientPart).values(parameter), cut(weights, at), tasks);
        },
      };
      decided.set(combined, weights);
      return combined;
    },
    assemble: (values) => ({
      value(parameter) {
        const info = parameters[find(parameter)] as ParameterInfo;
        const value = values.get(parameter);
        if (value?.length === info.size) return value;
        throw new GradpoolError({
          code: "shape",
          what: `combined gradient has ${value?.length ?? "no"} coordinates`,
          where: parameter,
          remedy: `give ${info.size}`,
        });
      },
    }),
    weightsOf(combined, parameter) {
      const weights = decided.get(combined);
      return weights === undefined ? null : cut(weights, find(parameter));
    },
  };
}

/** Norms and cosines from raw inner products (lower triangles), group after group. */
function unitGrams(
  granularity: Granularity,
  present: readonly boolean[],
  blocks: readonly GroupBlock[],
  raws: readonly Float64Array[],
  detail: "norms" | "gram",
): GramSet {
  const tasks = present.length;
  const square = tasks * tasks;
  const size = blocks.reduce((sum, block) => sum + block.count, 0);
  const norms = new Float64Array(size * tasks);
  const cosines = new Float64Array(detail === "gram" ? size * square : 0);
  let group = 0;
  for (const raw of raws) {
    for (let base = 0; base < raw.length; base += square, group++) {
      const at = group * tasks;
      for (let i = 0; i < tasks; i++) {
        const ni = Math.sqrt(raw[base + i * tasks + i] as number);
        norms[at + i] = ni;
        if (detail === "norms" || ni === 0) continue;
        const row = (at + i) * tasks;
        cosines[row + i] = 1;
        for (let j = 0; j < i; j++) {
          const scale = ni * (norms[at + j] as number);
          const value = raw[base + i * tasks + j] as number;
          if (scale === 0 || value === 0) continue;
          const cosine = Math.max(-1, Math.min(1, value / scale));
          cosines[row + j] = cosine;
          cosines[(at + j) * tasks + i] = cosine;
        }
      }
    }
  }
  return { granularity, tasks, present, blocks, size, norms, cosines };
}

function combineValues(
  info: ParameterInfo,
  values: readonly FloatArray[],
  { granularity, weights }: ParameterWeights,
  tasks: number,
): Float32Array {
  const out = new Float32Array(info.size);
  const width = granularity === "row" ? info.width : info.size;
  for (let p = 0; p < info.size; p++) {
    const base = Math.floor(p / width) * tasks;
    let sum = 0;
    for (let i = 0; i < tasks; i++) sum += (weights[base + i] as number) * ((values[i] as FloatArray)[p] as number);
    out[p] = sum;
  }
  return out;
}
