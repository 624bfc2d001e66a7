import type { GradientPool } from "@gradpool/core";
import type { HoldOut, Sampler } from "@gradpool/data";
import type { FeedMore, StepNeeds } from "@gradpool/trainer";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";

/** What a pool needs of a step beside one batch. */
export const needsOf = ({ name, batches = 1, wantsValidation }: GradientPool): StepNeeds => ({
  pool: name,
  batches,
  ...(wantsValidation !== undefined && { validation: (step: number) => wantsValidation(step) }),
});

/** Refuses what cannot be given: accumulated batches are one batch to a pool. */
export function requireDraws({ pool, batches, validation }: StepNeeds, { accumulate }: TrainConfig): void {
  if (accumulate === 1 || (batches === 1 && validation === undefined)) return;
  const needs = batches > 1 ? `${batches} independent batches a step` : "validation gradients";
  const remedy = "leave it out: a larger `batch` takes as many rows a step";
  throw optionError(`${pool} needs ${needs}, and accumulated batches are one`, "accumulate", remedy);
}

/** Makes the samplers of one of a step's batches: the number of the batch, from 0, and what of the target's examples it holds back. */
type Draw<S> = (batch: number, holdOut: HoldOut | undefined) => S;

/** The samplers of the first batch, and what a feed needs beside them. `validate`: the sampler of the target's examples alone. */
export function samplersFor<S>(
  { furtherBatches, heldOut, seed }: TrainConfig,
  needs: StepNeeds | undefined,
  draw: Draw<S>,
  validate: (batch: number, holdOut: HoldOut) => Sampler,
): { readonly first: S; readonly more: FeedMore<S> } {
  const { batches = 1, validation } = needs ?? {};
  const held = { share: heldOut, seed };
  const rest: HoldOut | undefined = validation === undefined ? undefined : { ...held, part: "rest" };
  const more: FeedMore<S> = {
    ...(batches > 1 && {
      further:
        furtherBatches === "split"
          ? { split: batches as 2 | 3 }
          : Array.from({ length: batches - 1 }, (_, k) => draw(k + 1, rest)),
    }),
    ...(validation !== undefined && { validation: validate(batches, { ...held, part: "held" }) }),
  };
  return { first: draw(0, rest), more };
}
