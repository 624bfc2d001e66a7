import type { Tensor } from "@gradpool/models";
import { type Joined, joinEnds } from "../tape/join.js";
import { type Forward, headsForward } from "./forward.js";
import { type Mixture, mixtures } from "./heads/mixtures.js";
import type { TrunkInput } from "./inputs.js";
import { headsOf, outputNames } from "./outputs.js";
import type { StepWork } from "./work.js";

/** Heads as the model defines them, on the tape. */
export interface RecordedHeads {
  /**
   * The cut as the heads read it: copies that the tape tells apart from the trunk's own, so that a gradient of one of them is
   * what came through the heads alone, though another may be computed from it.
   */
  readonly cut: readonly Tensor[];
  /** What tasks mix of the cut: gradients of these are written out once they are pooled. */
  readonly mixtures: readonly Mixture[];
  /** Inputs of tables that a task owns. */
  readonly own: readonly { readonly input: TrunkInput; readonly tensor: Tensor }[];
  readonly outputs: readonly Tensor[];
  /** Per term: the outputs that it reads, and these as one end. */
  readonly terms: readonly { readonly reads: readonly number[]; readonly end: Joined }[];
}

/** Call it while the tape records. */
export function recordHeads(work: StepWork, forward: Forward, gathered: readonly TrunkInput[]): RecordedHeads {
  const { tf, model } = work;
  const cut = Object.fromEntries(Object.entries(forward.cut).map(([name, tensor]) => [name, tf.clone(tensor)]));
  const { seen, mix } = mixtures(tf, Object.values(cut));
  const outputs = headsForward(work, { cut, own: forward.own }, { ...work.forward, mix });
  const names = outputNames(model.tasks);
  const reads = model.tasks.map((task) => headsOf(task).map((head) => names.indexOf(head)));
  if (model.regularizer !== undefined) reads.push(names.map((_, k) => k));
  return {
    cut: Object.values(cut),
    mixtures: seen,
    own: gathered.flatMap((input) =>
      input.owner === null ? [] : [{ input, tensor: forward.own[input.name] as Tensor }],
    ),
    outputs,
    terms: reads.map((some) => ({
      reads: some,
      end: joinEnds(
        tf,
        some.map((k) => outputs[k] as Tensor),
      ),
    })),
  };
}
