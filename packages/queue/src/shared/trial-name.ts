import { trialName as named, type TrialSpec } from "@gradpool/bench";
import { plain } from "./plain.js";

/** `pcgrad lr=0.01 seed 2`, of a trial that others wrote. */
export const trialName = (trial: TrialSpec): string => plain(named(trial));
