import { defaultConfig, type TrainConfig } from "../options/training.js";

/** Below so many steps an epoch the batch is the first thing to look at. */
const few = 10;
/** From so many steps on a run has time to learn, whatever its epochs are. */
const enough = 500;
/** What a smaller batch is to bring: some so many steps an epoch. */
const wanted = 32;

/**
 * What to tell of a run whose data are small beside its batch, else undefined: a model that moves a few dozen times has learnt next
 * to nothing, and its metrics do not say why. A batch that is smaller than the standard was chosen, and is not spoken of.
 */
export function noteOnFewSteps({ batch, epochs }: TrainConfig, stepsPerEpoch: number): string | undefined {
  const steps = epochs * stepsPerEpoch;
  if (stepsPerEpoch >= few || steps >= enough || batch < defaultConfig.batch) return undefined;
  // Of a single step nobody knows how much of the batch is filled.
  const rows = stepsPerEpoch === 1 ? defaultConfig.batch : batch * stepsPerEpoch;
  const smaller = 2 ** Math.floor(Math.log2(rows / wanted));
  const epoch = stepsPerEpoch === 1 ? "1 step" : `${stepsPerEpoch} steps`;
  return `an epoch has ${epoch} of ${batch}, the run ${steps}: so few teach a model little; give a smaller \`batch\`, such as ${smaller}, or more \`epochs\``;
}
