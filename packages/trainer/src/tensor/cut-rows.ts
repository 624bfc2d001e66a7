import type { Combined } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import type { JoinedGradients } from "../gradients/join.js";
import type { GradientPart } from "../gradients/part.js";
import type { Arrived } from "./heads/pass.js";
import { representationName } from "./representation.js";
import { termsOf } from "./terms.js";
import type { StepWork } from "./work.js";

/**
 * What arrives at the cut from several batches, on the host: the rows of one batch after those of another, as one parameter. Of the
 * batches' size, for each term of the objective.
 */
export interface CutRows {
  /** Takes a batch's; answers with what is not finite. Terms that are absent from it have zeros there. */
  take(work: StepWork, arrived: Arrived, cut: readonly Tensor[]): SkippedStep | undefined;
  /** The tasks' gradients, for the pool. */
  part(): GradientPart;
  /** What a pool made of them, with the regulariser's beside it, batch by batch: so many numbers each, in the order that they were taken in. */
  pooled(gradients: JoinedGradients, combined: Combined): (count: number) => Float32Array;
}

export function cutRows({ model, placement }: StepWork): CutRows {
  const terms = termsOf(model, placement);
  const tasks = placement.tasks.names.length;
  const pieces: Float32Array[][] = terms.map(() => []);
  let joined: readonly Float32Array[] | undefined;
  const rows = (): readonly Float32Array[] => (joined ??= pieces.map(join));

  return {
    take(work, arrived, cut) {
      joined = undefined;
      const size = cut.reduce((sum, tensor) => sum + tensor.size, 0);
      for (const [term, name] of terms.entries()) {
        const own = new Float32Array(size);
        (pieces[term] as Float32Array[]).push(own);
        if (term < tasks && work.present[term] !== true) continue;
        let at = 0;
        for (const tensor of arrived.one(term)) {
          own.set(tensor.dataSync() as Float32Array, at);
          at += tensor.size;
        }
        if (!own.every(Number.isFinite))
          return { task: name, parameter: representationName, reason: "its gradient is not finite" };
      }
      return undefined;
    },
    part() {
      const own = rows().slice(0, tasks);
      const size = (own[0] as Float32Array).length;
      let gram: Float64Array | undefined;
      return {
        tasks,
        parameters: [{ name: representationName, kind: "dense", size, width: 1 }],
        gram: () => (gram ??= gramOf(own)),
        values: () => own,
      };
    },
    pooled(gradients, combined) {
      const weights = gradients.weightsOf(combined, representationName)?.weights;
      const values = weights === undefined ? combined.value(representationName) : undefined;
      const all = rows();
      let at = 0;
      return (count) => {
        const out = values === undefined ? new Float32Array(count) : Float32Array.from(values.slice(at, at + count));
        all.forEach((row, term) => {
          const weight = term < tasks ? (weights?.[term] ?? 0) : 1;
          if (weight !== 0)
            for (let k = 0; k < count; k++) out[k] = (out[k] as number) + weight * (row[at + k] as number);
        });
        at += count;
        return out;
      };
    },
  };
}

function join(pieces: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Inner products in float64, T × T. */
function gramOf(rows: readonly Float32Array[]): Float64Array {
  const tasks = rows.length;
  const out = new Float64Array(tasks ** 2);
  for (const [i, a] of rows.entries()) {
    for (let j = 0; j <= i; j++) {
      const b = rows[j] as Float32Array;
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
      out[i * tasks + j] = sum;
      out[j * tasks + i] = sum;
    }
  }
  return out;
}
