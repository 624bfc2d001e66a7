import { GradpoolError, type NamesOf, requireNames } from "@gradpool/core";
import type { OptimizerSpec, ResolvedOptimizer } from "./spec.js";
import type { Hyperparameters } from "../kernels/contract.js";

const names = ["sgd", "adam", "adamw", "adagrad"] as const;
const options: NamesOf<OptimizerSpec> = {
  name: true,
  learningRate: true,
  weightDecay: true,
  decay: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  momentum: true,
  rows: true,
};

/** All options with PyTorch's defaults filled in. Throws on a value out of range, naming it. */
export function resolveOptimizer(spec: OptimizerSpec): ResolvedOptimizer {
  const bad = (option: string, value: unknown, range: string): never => {
    throw new GradpoolError({
      code: "invalid-option",
      what: `${option} is ${String(value)}`,
      where: `optimizer ${spec.name}`,
      remedy: `give ${range}`,
    });
  };
  if (!names.includes(spec.name)) bad("name", spec.name, `one of ${names.join(", ")}`);
  requireNames(spec, options, `optimizer ${spec.name}`);
  const between = (option: keyof OptimizerSpec, fallback: number, open = false): number => {
    const value = (spec[option] as number | undefined) ?? fallback;
    if (!(value >= 0 && (open ? value < 1 : value < Infinity))) bad(option, value, open ? "0 ≤ x < 1" : "x ≥ 0");
    return value;
  };
  if (!(spec.learningRate >= 0 && spec.learningRate < Infinity))
    bad("learningRate", spec.learningRate, "a number from 0 up");
  const decay = spec.decay ?? (spec.name === "adamw" ? "decoupled" : "l2");
  if (decay !== "l2" && decay !== "decoupled") bad("decay", decay, "l2 or decoupled");
  const rows = spec.rows ?? "lazy";
  if (rows !== "lazy" && rows !== "dense-equivalent") bad("rows", rows, "lazy or dense-equivalent");
  if (spec.momentum !== undefined && spec.momentum !== 0 && spec.name !== "sgd")
    bad("momentum", spec.momentum, "it to sgd only");
  return {
    name: spec.name,
    learningRate: spec.learningRate,
    weightDecay: between("weightDecay", spec.name === "adamw" ? 0.01 : 0),
    decay,
    beta1: between("beta1", 0.9, true),
    beta2: between("beta2", 0.999, true),
    epsilon: between("epsilon", spec.name === "adagrad" ? 1e-10 : 1e-8),
    momentum: between("momentum", 0),
    rows,
  };
}

/** Names of the state rows, in the kernels' order; each is as wide as the table. */
export function stateNames(optimizer: ResolvedOptimizer): readonly string[] {
  if (optimizer.name === "adam" || optimizer.name === "adamw") return ["m", "v"];
  if (optimizer.name === "adagrad") return ["sum"];
  return optimizer.momentum > 0 ? ["momentum"] : [];
}

export function hyperparameters(optimizer: ResolvedOptimizer, learningRate: number): Hyperparameters {
  const { weightDecay, beta1, beta2, epsilon, momentum } = optimizer;
  const decoupled = optimizer.decay === "decoupled";
  return {
    kind: optimizer.name === "adamw" ? "adam" : optimizer.name,
    rate: learningRate,
    decay: decoupled ? 0 : weightDecay,
    keep: decoupled ? 1 - learningRate * weightDecay : 1,
    beta1,
    beta2,
    epsilon,
    momentum,
  };
}

/** Adam's bias correction of step t: lr / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ). */
export function adamCorrection(optimizer: ResolvedOptimizer, learningRate: number, t: number): [number, number] {
  return [learningRate / (1 - optimizer.beta1 ** t), 1 / Math.sqrt(1 - optimizer.beta2 ** t)];
}

/** Does a step change a row whose gradient is zero? Then dense-equivalent rows have steps to catch up. */
export function movesWithoutGradient(optimizer: ResolvedOptimizer): boolean {
  return optimizer.weightDecay > 0 || optimizer.momentum > 0 || optimizer.name.startsWith("adam");
}
