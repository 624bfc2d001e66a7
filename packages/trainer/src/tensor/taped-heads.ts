import { GradpoolError } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import type { Backward } from "../tape/tape.js";
import type { DenseParameter } from "./dense/groups.js";
import { scatterInput } from "./inputs.js";
import { termsOf } from "./terms.js";
import { writeShared } from "./through-trunk.js";
import type { StepWork } from "./work.js";
import { arrivedBy, type TermGradients } from "./heads/arrived.js";
import type { HeadsPass, TermErrors } from "./heads/pass.js";
import type { RecordedHeads } from "./recorded-heads.js";

/** Heads as the model defines them: one pass back per term of the objective, from its outputs to the cut. */
export function tapedHeads(work: StepWork, heads: RecordedHeads, backward: Backward): HeadsPass {
  const { tf, placement } = work;
  return {
    oneByOne: true,
    outputs: () => heads.outputs.map((output) => output.dataSync() as Float32Array),
    backward(errors) {
      const passed = errors.map((_, term) => {
        let one = null as ReturnType<typeof passBack>;
        tf.tidy(() => {
          one = passBack(work, heads, backward, errors, term);
          // Of a term's pass this stays on the device, and nothing else.
          const arrived = one !== null && "cut" in one ? [...one.cut, ...one.mixtures] : [];
          return arrived.filter((gradient) => gradient !== null);
        });
        return one;
      });
      const failure = passed.find((one) => one !== null && "task" in one) as SkippedStep | undefined;
      const terms = passed as readonly (TermGradients | null)[];
      const arrived = arrivedBy(tf, heads.cut, heads.mixtures, terms, placement.tasks.names.length);
      return failure === undefined ? arrived : { ...arrived, failure };
    },
  };
}

/** One term's gradients: what arrives at the cut, null where nothing does. The others are written to where they are kept. */
function passBack(
  work: StepWork,
  heads: RecordedHeads,
  backward: Backward,
  errors: TermErrors,
  term: number,
): TermGradients | SkippedStep | null {
  const { tf, dense, variables, batch } = work;
  const error = errors[term];
  if (error === null || error === undefined) return null;
  const parameters = dense.placed("heads");
  const onDevice = variables.heads();
  const { reads, end } = heads.terms[term] as RecordedHeads["terms"][number];
  const xs = [
    ...heads.cut,
    ...heads.mixtures.map(({ made }) => made),
    ...heads.own.map(({ tensor }) => tensor),
    ...parameters.map(({ name }) => onDevice[name] as Tensor),
  ];
  const dys = reads.map((k) => tf.tensor2d(error[k] as Float32Array, [batch.size, 1], "float32"));
  const gradients = end.backward(backward, dys, xs);
  let at = 0;
  const next = (count: number): readonly (Tensor | null)[] => gradients.slice(at, (at += count));
  const cut = next(heads.cut.length);
  const mixtures = next(heads.mixtures.length);
  const inputs = next(heads.own.length);
  const rest = next(parameters.length);
  requireShared(work, term, [...cut, ...mixtures], parameters, rest);
  return writeInputs(work, heads, term, inputs) ?? writeVariables(work, term, parameters, rest) ?? { cut, mixtures };
}

/** Rows of tables that a task owns. */
function writeInputs(
  work: StepWork,
  heads: RecordedHeads,
  term: number,
  gradients: readonly (Tensor | null)[],
): SkippedStep | undefined {
  for (const [k, { input }] of heads.own.entries()) {
    const gradient = gradients[k] ?? null;
    if (gradient === null || !takes(work, term, input.owner, `table of ${input.name}`)) continue;
    const bad = scatterInput(input, gradient.dataSync() as Float32Array, 0, work.tables, () => work.draw.share);
    if (bad !== null) return notFinite(work, term, bad);
  }
  return undefined;
}

/** Variables of the heads: shared ones term by term, a task's own into its own place, the regulariser's share added. */
function writeVariables(
  work: StepWork,
  term: number,
  parameters: readonly DenseParameter[],
  gradients: readonly (Tensor | null)[],
): SkippedStep | undefined {
  const { names } = work.placement.tasks;
  for (const [k, parameter] of parameters.entries()) {
    const { name, owner } = parameter;
    const gradient = gradients[k] ?? null;
    const mine = owner === null || owner === names[term];
    if (gradient === null) {
      if (owner === null) writeShared(work, parameter, term, null);
      else if (mine) work.dense.gradient(parameter, term).fill(0);
      continue;
    }
    if (!takes(work, term, owner, name)) continue;
    const values = gradient.dataSync() as Float32Array;
    if (!values.every(Number.isFinite)) return notFinite(work, term, name);
    if (owner === null) {
      writeShared(work, parameter, term, values);
      continue;
    }
    const into = work.dense.gradient(parameter, term);
    if (mine) into.set(values);
    else for (let at = 0; at < into.length; at++) into[at] = (into[at] as number) + (values[at] as number);
  }
  return undefined;
}

/** Whether a term's gradient of something goes anywhere: not that of a task which is absent. Refuses what belongs to another task. */
function takes({ placement, present, model }: StepWork, term: number, owner: string | null, what: string): boolean {
  const { names } = placement.tasks;
  if (owner === null || owner === names[term]) return true;
  if (term >= names.length) return present[names.indexOf(owner)] === true;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the loss of ${names[term]} reaches ${what}, which belongs to ${owner}`,
    where: `model ${model.name}, heads`,
    remedy: "declare it shared (owner: null), or read the other task's values through detached(tf, x)",
  });
}

/** Refuses a task that balancing cannot concern. */
function requireShared(
  { model, placement }: StepWork,
  term: number,
  cut: readonly (Tensor | null)[],
  parameters: readonly DenseParameter[],
  gradients: readonly (Tensor | null)[],
): void {
  const { names } = placement.tasks;
  if (term >= names.length || cut.some((gradient) => gradient !== null)) return;
  if (parameters.some(({ owner }, k) => owner === null && gradients[k] !== null)) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the loss of ${names[term]} reaches no shared parameter`,
    where: `model ${model.name}, heads`,
    remedy: "let its head read the cut, or train it in a model of its own",
  });
}

function notFinite({ model, placement }: StepWork, term: number, parameter: string): SkippedStep {
  return { task: termsOf(model, placement)[term] as string, parameter, reason: "its gradient is not finite" };
}
