import type { NodeList } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import { sharesOf } from "../engine/draws.js";
import { applyWithin } from "../engine/limit.js";
import type { Combine } from "../tables/store.js";
import type { DenseParameter } from "../tensor/dense/groups.js";
import type { ArenaBlock } from "./block.js";
import type { GraphWork } from "./work.js";

/** Gradients of the encoder's variables, by name. */
export type VariableGradients = ReadonlyMap<string, Float32Array>;

export const parameterOf = ({ dense }: GraphWork, name: string): DenseParameter =>
  dense.shared.find((parameter) => parameter.name === name) as DenseParameter;

/** From the block `arriving`, rows of these nodes, to the gradients of task t. */
export function backward(work: GraphWork, nodes: NodeList, t: number): void {
  const { run, input, arriving, gradients, dense } = work;
  run.backward(input, nodes, arriving, gradients[t] as ArenaBlock, (name) =>
    dense.gradient(parameterOf(work, name), t),
  );
}

/** Which of task t's gradients is not finite; null: none. `variables`: look at the encoder's variables, too. */
export function notFinite(work: GraphWork, t: number, task: string, variables = true): SkippedStep | null {
  const { arena, gradients, model, dense } = work;
  const { values, rows, width } = gradients[t] as ArenaBlock;
  const failure = (parameter: string): SkippedStep => ({ task, parameter, reason: "its gradient is not finite" });
  if (!arena.kernels.finite(values, rows * width)) {
    const [users, items] = model.tables;
    const inUsers = !arena.kernels.finite(values, (users?.rows ?? 0) * width);
    return failure((inUsers ? users : items)?.name ?? "");
  }
  if (!variables) return null;
  const bad = dense.shared.find((parameter) => {
    const own = dense.gradient(parameter, t);
    return !arena.kernels.finite(own, own.length);
  });
  return bad === undefined ? null : failure(bad.name);
}

/**
 * The combined gradients of the encoder's variables. `answer`: by variable, null for the plain sum; without it, what task 0's
 * place holds is combined already.
 */
export function sumOfDense(
  work: GraphWork,
  answer: ((name: string) => Combine | null) | null,
): Map<string, Float32Array> {
  const { dense, present, draws } = work;
  const shares = sharesOf(draws);
  const sumOf = (parameter: DenseParameter): Float32Array => {
    if (answer === null) return dense.gradient(parameter, 0).slice();
    const combine = answer(parameter.name);
    if (combine !== null && "values" in combine) return Float32Array.from(combine.values);
    const out = new Float32Array(parameter.size);
    for (const [t, here] of present.entries()) {
      if (!here) continue;
      const weight = (combine === null ? shares : combine.weights)[t] as number;
      const own = dense.gradient(parameter, t);
      for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) + weight * (own[k] as number);
    }
    return out;
  };
  return new Map(dense.shared.map((parameter) => [parameter.name, sumOf(parameter)]));
}

/** One optimiser step of everything; the norm that it was limited by. */
export function applyStep(work: GraphWork, t: number, variables: VariableGradients): number {
  const { nodes, gradients, dense, placement } = work;
  if (dense.shared.length > 0) dense.begin(null);
  const updates = dense.shared.map((parameter) =>
    dense.valued(parameter, () => variables.get(parameter.name) as Float32Array),
  );
  return applyWithin(placement.clip, [nodes.update(() => (gradients[t] as ArenaBlock).values), ...updates]);
}
