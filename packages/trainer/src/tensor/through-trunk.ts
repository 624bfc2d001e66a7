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
  const { dense, variables, tables, draw, placement } = work;
  const parameters = dense.placed("trunk");
  const onDevice = variables.trunk();
  const xs = [...passed.inputs, ...parameters.map((parameter) => onDevice[parameter.name] as Tensor)];
  const gradients = passed.through(dCut, xs);
  const place = term === "all" ? 0 : draw.place(term);
  const pooled = (table: string): boolean =>
    typeof term === "number" && term < placement.tasks.names.length && apart(work, table);
  for (const [k, input] of passed.gathered.entries()) {
    const gradient = gradients[k] ?? null;
    if (gradient === null) throw unreached(work, input.name);
    const bad = scatterInput(input, read(gradient), place, tables, (table) => (pooled(table) ? 1 : draw.share));
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

/** Do tasks' gradients of this table stand apart, for the pool? */
const apart = ({ placement: { level, balanced } }: StepWork, table: string): boolean =>
  level === "parameters" && balanced.has(table);

/** A shared variable's gradient to the term's place; a task's own from a combination, from its own term, and from the regulariser. */
function writeVariable(work: StepWork, parameter: DenseParameter, gradient: Tensor, term: number | "all"): void {
  const { dense, placement, present } = work;
  const { names } = placement.tasks;
  const { owner } = parameter;
  if (term !== "all" && owner === null) return writeShared(work, parameter, term, read(gradient));
  if (term === "all" || names[term] === owner) {
    dense.gradient(parameter, term === "all" ? 0 : term).set(read(gradient));
    return;
  }
  if (owner === null || term < names.length || present[names.indexOf(owner)] !== true) return;
  const into = dense.gradient(parameter, term);
  read(gradient).forEach((x, k) => (into[k] = (into[k] as number) + x));
}

/** A term's gradient of a shared variable, to its place; the regulariser's is of all the step's batches. */
export function writeShared(
  { dense, draw, placement }: StepWork,
  parameter: DenseParameter,
  term: number,
  values: Float32Array | null,
): void {
  const into = dense.gradient(parameter, draw.place(term));
  if (term < placement.tasks.names.length || (draw.share === 1 && !draw.adds)) {
    if (values === null) into.fill(0);
    else into.set(values);
    return;
  }
  if (!draw.adds) into.fill(0);
  values?.forEach((x, k) => (into[k] = (into[k] as number) + draw.share * x));
}

const unreached = ({ model }: StepWork, what: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `the cut does not depend on ${what}`,
    where: `model ${model.name}, trunk`,
    remedy: "leave it out of the model, or place it in the heads if they read it",
  });
