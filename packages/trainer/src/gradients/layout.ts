import {
  type FloatArray,
  GradpoolError,
  type Granularity,
  type GroupBlock,
  type GroupWeights,
  type ParameterInfo,
} from "@gradpool/core";
import type { GradientPart } from "./part.js";

/** Weights of one parameter, cut out of a pool's answer. */
export interface ParameterWeights {
  readonly granularity: Granularity;
  /** T, or touched rows × T at row granularity in a table. */
  readonly weights: Float64Array;
  /** Gradients that take no part, so that what they alone touched is not touched: their weights are 0. */
  readonly left?: readonly number[];
}

/** The parameters of several parts, one after the other, and where their groups lie. */
export interface Layout {
  readonly parameters: readonly ParameterInfo[];
  blocks(granularity: Granularity): readonly GroupBlock[];
  /** Groups of all parameters. */
  groups(granularity: Granularity): number;
  /** Error `not-found`. */
  info(name: string): ParameterInfo;
  /** The T gradients of a parameter. */
  values(name: string): readonly FloatArray[];
  /** A parameter's share of weights for all groups. */
  cut(weights: GroupWeights, parameter: string, tasks: number): ParameterWeights;
}

const groupsOf = ({ kind, size, width }: ParameterInfo, granularity: Granularity): number =>
  granularity === "row" && kind === "rows" ? size / width : 1;

export function layoutOf(parts: readonly GradientPart[]): Layout {
  const parameters = parts.flatMap((part) => [...part.parameters]);
  const owners = parts.flatMap((part) => part.parameters.map(() => part));
  const before = (count: number, granularity: Granularity): number =>
    parameters.slice(0, count).reduce((sum, info) => sum + groupsOf(info, granularity), 0);

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
  const info = (name: string): ParameterInfo => parameters[find(name)] as ParameterInfo;

  return {
    parameters,
    blocks(granularity) {
      if (granularity === "model") return [{ parameter: null, count: 1 }];
      // Ids are looked at for rows only: they are sorted when somebody does.
      return parameters.map((own) =>
        granularity === "row" && own.ids !== undefined
          ? { parameter: own.name, ids: own.ids, count: own.ids.length }
          : { parameter: own.name, count: 1 },
      );
    },
    groups: (granularity) => (granularity === "model" ? 1 : before(parameters.length, granularity)),
    info,
    values: (name) => (owners[find(name)] as GradientPart).values(name),
    cut(weights, name, tasks) {
      const { granularity } = weights;
      if (granularity === "model") return weights;
      const at = find(name);
      const start = before(at, granularity);
      const own = info(name);
      return {
        granularity: granularity === "row" && own.kind !== "rows" ? "parameter" : granularity,
        weights: weights.weights.subarray(start * tasks, (start + groupsOf(own, granularity)) * tasks),
        ...("left" in weights && { left: weights.left as readonly number[] }),
      };
    },
  };
}
