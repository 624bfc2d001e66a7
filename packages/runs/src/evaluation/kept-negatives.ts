import type { PreparedSet } from "@gradpool/data";
import type { Engine } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";

/**
 * What training on some of the negatives did to probabilities, and how it is undone (He et al. 2014, §6.3). With the share w of the rows
 * without any positive label kept, a model says p = q / (s + w (1 − s)) of the true q, s the probability that any label is 1. Where one
 * label is 1 wherever any is, as the only label or the click of a funnel, s is that label's own: s = p / (p + (1 − p) / w), and
 * q = p (s + w (1 − s)) of all others.
 */
export interface KeptNegatives {
  /** w. */
  readonly share: number;
  /** The label that is 1 wherever any is. */
  readonly covers: string;
  /** Labels that count only where another is 1: all such rows were kept, and their probabilities are right. */
  readonly within: readonly string[];
}

/** Null: all negatives were kept, or there is nothing to go by. */
export function keptNegatives(
  set: PreparedSet,
  { tasks, probabilities }: Pick<TrainConfig, "tasks" | "probabilities">,
): KeptNegatives | null {
  const found = coveringLabel(set);
  return probabilities === "sampled" || found === null || !tasks.includes(found.covers) ? null : found;
}

/** The same whatever is asked for, and trained. */
export function coveringLabel({ manifest }: PreparedSet): KeptNegatives | null {
  const { negatives, spaces = {}, tasks = [] } = manifest?.tables.impressions ?? {};
  if (negatives === undefined) return null;
  const whole = tasks.filter((task) => spaces[task] === undefined);
  // Sets of before say nothing of a label that covers the others: with one there is nothing to say.
  const covers = negatives.covers ?? (whole.length === 1 ? whole[0] : undefined);
  if (covers === undefined) return null;
  return { share: negatives.kept / (negatives.kept + negatives.dropped), covers, within: Object.keys(spaces) };
}

/** One line on what becomes of probabilities; undefined where all negatives were kept. */
export function noteOnNegatives(
  set: PreparedSet,
  config: Pick<TrainConfig, "tasks" | "probabilities">,
): string | undefined {
  const negatives = set.manifest?.tables.impressions?.negatives;
  if (negatives === undefined) return undefined;
  const share = ((100 * negatives.kept) / (negatives.kept + negatives.dropped)).toPrecision(3);
  const kept = `${share} % of the training rows without a positive label were kept`;
  if (config.probabilities === "sampled") return `${kept}: probabilities are those of such rows, as asked for`;
  if (keptNegatives(set, config) !== null)
    return `${kept}: probabilities are corrected for that (--probabilities sampled leaves them)`;
  const covering = coveringLabel(set)?.covers;
  const why = covering === undefined ? "no label is 1 wherever any is" : `${covering} is no task`;
  return `${kept}: probabilities stay as they are, since ${why}`;
}

/** The engine with predictions (logits) of the rows as they come, all negatives among them. */
export function withAllNegatives(engine: Engine, kept: KeptNegatives | null, objectives: readonly string[]): Engine {
  const { predict } = engine;
  if (kept === null || predict === undefined) return engine;
  const { names } = engine.tasks;
  const at = names.indexOf(kept.covers);
  const shift = Math.log(kept.share);
  // What the engine has of getters stays as it is.
  return Object.assign(Object.create(engine) as Engine, {
    predict(batch: Parameters<typeof predict>[0]) {
      const outputs = predict.call(engine, batch);
      const covering = (outputs[at] as Float32Array).map((z) => z + shift);
      return outputs.map((output, t) => {
        if (t === at) return covering;
        if (kept.within.includes(names[t] as string) || objectives[t] !== "bce") return output;
        return output.map((z, r) => logitOf(z, covering[r] as number, kept.share));
      });
    },
  });
}

/** The logit of σ(z) (s + w (1 − s)), s = σ(any). */
function logitOf(z: number, any: number, share: number): number {
  const s = 1 / (1 + Math.exp(-any));
  const q = (s + share * (1 - s)) / (1 + Math.exp(-z));
  return Math.log(q) - Math.log1p(-q);
}
