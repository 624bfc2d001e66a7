import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { widths } from "./expert-options.js";
import { type FunnelOptions, funnelParts } from "./funnel-options.js";
import { tower, towerSpecs } from "./mlp.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { TensorModel } from "./contract/tensor.js";

export interface EsmmOptions extends FunnelOptions {
  /** Hidden layers of the two towers. Default 128-64-32. */
  readonly head?: readonly number[];
}

/**
 * Entire space multi-task model (Ma et al. 2018): towers a and c on the same embeddings, p(click) = σ(a), p(click and conversion) =
 * σ(a) σ(c), both learned on all impressions; no loss on c alone. Shared: tables, and the tower a, since both losses reach it.
 * Cut: x; the tower a is pooled as parameters. Reads impressions; the second task's label is click and conversion.
 */
export function esmm(options: EsmmOptions): TensorModel {
  const { tasks, input, dropout, batchNorm } = funnelParts("esmm", options, { most: 2 });
  const { head = [128, 64, 32] } = options;
  widths("esmm", { head });
  const [click, conversion] = tasks as readonly [string, string];
  const specs = (prefix: string, owner: string | null): VariableSpec[] =>
    towerSpecs(prefix, input.width, head, owner, batchNorm).map((spec) => ({ ...spec, place: "heads" }));
  const stack = (prefix: string) => ({ prefix, layers: head.length, dropout, batchNorm });
  return {
    kind: "tensor",
    name: "esmm",
    options: { ...input.options, tasks: [...tasks], head: [...head], dropout, batchNorm },
    tables: input.specs,
    ...withStatistics([...input.variables, ...specs("ctr", null), ...specs("cvr", conversion)]),
    tasks: [
      { name: click, objective: "bce", heads: ["ctr"] },
      { name: conversion, objective: "bce", heads: ["ctr", "cvr"] },
    ],
    lookups: (batch) => input.lookups(batch),
    ...input.numerical,
    trunk: (tf, inputs, variables) => ({ input: input.read(tf, inputs, variables).x }),
    heads(tf, cut, variables, context) {
      const x = cut["input"] as tfjs.Tensor2D;
      return {
        ctr: tower(tf, x, stack("ctr"), variables, context),
        cvr: tower(tf, x, stack("cvr"), variables, context),
      };
    },
  };
}
