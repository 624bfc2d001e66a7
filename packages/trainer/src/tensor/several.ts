import type { SkippedStep, StepInput } from "../engine/contract.js";
import type { Asking, StepOutcome } from "../engine/step.js";
import type { StatisticBook } from "./dense/statistics.js";
import { backByTerm, poolParameters } from "./levels.js";
import { applyAll, badHead, beginTables, passOf } from "./run.js";
import type { StepWork, TensorParts } from "./work.js";

/** A step of several batches, and what each is worked at with: by its number, null for held-out examples. */
export interface Several {
  readonly input: StepInput;
  readonly asking: Asking;
  work(k: number | null): StepWork;
}

/**
 * A step of independent batches, or with held-out examples: a pass forward and the terms' passes back for each, whose gradients of shared
 * parameters go to places of their own. What tasks own learns from the mean over the batches.
 */
export function runSeveral(parts: TensorParts, { asking, work }: Several): StepOutcome {
  const { draws, tables, placement } = parts;
  const { target } = placement.tasks;
  const works = Array.from({ length: draws.batches }, (_, k) => work(k));
  const [first] = works as [StepWork, ...StepWork[]];
  const { losses } = first;
  const samples = works.reduce((sum, { batch }) => sum + batch.size, 0);
  if (!first.present.includes(true)) return { losses, samples };
  beginTables(parts);
  const held = asking.validate ? work(null) : null;
  const validated = held?.present[target] === true;
  let failure: SkippedStep | undefined = validated ? backOf(held as StepWork).failure : undefined;
  const heads = meanOfHeads(first);
  let more: Pick<StepOutcome, "gates" | "regularizer"> = {};
  const used = works.filter((own) => own.present.includes(true));
  for (const own of used) {
    if (failure !== undefined) return { losses, samples, failure };
    tables.recycle();
    const { failure: wrong, ...seen } = backOf(own);
    failure = wrong ?? badHead(own);
    if (own === first) more = seen;
    heads.add(own);
  }
  if (failure !== undefined) return { losses, samples, failure };
  heads.write();
  const present = [...works.flatMap((own) => own.present), ...(draws.validation ? [validated] : [])];
  const decision = poolParameters({ ...first, present });
  // A task that any batch has a label of has a gradient of its own.
  const anywhere = first.present.map((_, t) => works.some((own) => own.present[t] === true));
  const observed = allOf(used.map((own) => own.observed));
  const apply = (): number => applyAll({ ...first, present: anywhere, observed }, decision);
  const { figures } = decision;
  return { losses, samples, ...more, ...(figures !== undefined && { figures }), apply };
}

const backOf = (work: StepWork): ReturnType<typeof passOf> => passOf(work, (passed) => backByTerm(work, passed));

/** The mean of the batches' gradients of what tasks own; a batch without a label of a task adds nothing to its. */
function meanOfHeads({ dense, placement, draws }: StepWork): { add(work: StepWork): void; write(): void } {
  const sums = new Map<string, Float32Array>();
  const each = (visit: (name: string, gradient: Float32Array) => void, here: (t: number) => boolean): void => {
    for (const [t, task] of placement.tasks.names.entries()) {
      if (!here(t)) continue;
      for (const parameter of dense.own(task)) visit(parameter.name, dense.gradient(parameter, t));
    }
  };
  return {
    add({ present, draw }) {
      each(
        (name, gradient) => {
          const sum = sums.get(name) ?? new Float32Array(gradient.length);
          for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + draw.share * (gradient[k] as number);
          sums.set(name, sum);
        },
        (t) => present[t] === true,
      );
    },
    write: () =>
      each(
        (name, gradient) => gradient.set(sums.get(name) ?? new Float32Array(gradient.length)),
        () => draws.tasks > 0,
      ),
  };
}

/** What layers saw of several batches, one after the other. */
function allOf(books: readonly StatisticBook[]): StatisticBook {
  return {
    note: () => undefined,
    read: () => undefined,
    apply() {
      for (const book of books) book.apply();
    },
  };
}
