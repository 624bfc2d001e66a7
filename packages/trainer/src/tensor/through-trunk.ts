import { GradpoolError } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import type { DenseParameter } from "./dense/groups.js";
import { scatterInput } from "./inputs.js";
import type { PassedTrunk, StepWork } from "./work.js";

const read = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;

/**
 * What arrives at the cut, through the trunk: one backward pass, whose gradients are written to where they are kept. `term`: the
 * term of the objective that it belongs to, or `all` for a combination: then it goes into one accumulator, the first.
 * `name`: who is to blame for what is not finite.
 */
export function throughTrunk(
  work: StepWork,
  passed: PassedTrunk,
  dCut: readonly Tensor[],
  term: number | "all",
  name: string,
): SkippedStep | undefined {
  const { dense, variables, tables } = work;
  const parameters = dense.placed("trunk");
  const onDevice = variables.trunk();
  const xs = [...passed.inputs, ...parameters.map((parameter) => onDevice[parameter.name] as Tensor)];
  const gradients = passed.through(dCut, xs);
  const place = term === "all" ? 0 : term;
  for (const [k, input] of passed.gathered.entries()) {
    const gradient = gradients[k] ?? null;
    if (gradient === null) throw unreached(work, input.name);
    const bad = scatterInput(input, read(gradient), place, tables);
    if (bad !== null) return { task: name, parameter: bad, reason: "its gradient is not finite" };
  }
  for (const [k, parameter] of parameters.entries()) {
    const gradient = gradients[passed.gathered.length + k] ?? null;
    if (gradient === null) throw unreached(work, parameter.name);
    writeVariable(work, parameter, gradient, term);
  }
  if (dense.shared.length === 0 || Number.isFinite(dense.squaredNorm(null, place))) return undefined;
  const bad = parameters.find(
    (parameter) => parameter.owner === null && dense.gradient(parameter, place).some((x) => !Number.isFinite(x)),
  );
  return bad === undefined ? undefined : { task: name, parameter: bad.name, reason: "its gradient is not finite" };
}

/** A shared variable's gradient to the term's place; a task's own from a combination, from its own term, and from the regulariser. */
function writeVariable(
  { dense, placement, present }: StepWork,
  parameter: DenseParameter,
  gradient: Tensor,
  term: number | "all",
): void {
  const { names } = placement.tasks;
  const { owner } = parameter;
  if (owner === null || term === "all" || names[term] === owner) {
    dense.gradient(parameter, term === "all" ? 0 : term).set(read(gradient));
    return;
  }
  if (term < names.length || present[names.indexOf(owner)] !== true) return;
  const into = dense.gradient(parameter, term);
  read(gradient).forEach((x, k) => (into[k] = (into[k] as number) + x));
}

const unreached = ({ model }: StepWork, what: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `the cut does not depend on ${what}`,
    where: `model ${model.name}, trunk`,
    remedy: "leave it out of the model, or place it in the heads if they read it",
  });
