import { isDeepStrictEqual } from "node:util";
import { given, GradpoolError, type JsonObject } from "@gradpool/core";
import { isOpenEnded } from "../options/schedule.js";
import { defaultConfig, type TrainConfig, type TrainField, trainFields } from "../options/training.js";

/** What a run that goes on may have more of than before. */
const extended: readonly TrainField[] = ["epochs", "patience"];

/** Refuses another configuration than that of the run which goes on. Its data may have moved: their hash tells them. */
export function requireHeld(written: Partial<TrainConfig>, config: TrainConfig, out: string): void {
  // An option that the release which began the run did not know is at what holds without it.
  const held = { ...defaultConfig, ...written };
  const field = trainFields.find(
    (name) => name !== "data" && !extended.includes(name) && !isDeepStrictEqual(held[name], config[name]),
  );
  if (field === undefined) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the run has another configuration: \`${field}\` was ${JSON.stringify(held[field])} and is ${JSON.stringify(config[field])}`,
    where: out,
    remedy: "resume it as it was, with more `epochs` or `patience` at most, or start in a new folder",
  });
}

/** What a checkpoint must share with the configuration that goes on from it. */
export function fingerprintOf(
  config: TrainConfig,
  dataHash: string,
  taskOptions: Readonly<Record<string, JsonObject>> | undefined,
  streamed: boolean,
): JsonObject {
  const { epochs: _, patience: __, features, drop, accumulate, read: ___, ...rest } = config;
  // Runs of before these options have none of them. Where rows are says in which order they come.
  const chosen = given({
    features: features ?? undefined,
    drop: drop ?? undefined,
    accumulate: accumulate > 1 ? accumulate : undefined,
    read: streamed ? "stream" : undefined,
  });
  return { ...rest, ...chosen, data: dataHash, ...given({ taskOptions }) } as unknown as JsonObject;
}

/** Whether a run that has ended is to go on: with more epochs, or with more patience where that ended it. */
export function goesFurther(ended: TrainConfig, { epochs, patience }: TrainConfig): boolean {
  return epochs > ended.epochs || (patience ?? Infinity) > (ended.patience ?? Infinity);
}

/** A note on a run that is to have other epochs than it began with, where these decide its learning rates. */
export function noteOnMore(held: Partial<TrainConfig>, { epochs, schedule }: TrainConfig): string | undefined {
  if (held.epochs === epochs || held.epochs === undefined || isOpenEnded(schedule)) return undefined;
  return `the schedule ${schedule} runs over \`epochs\`: it goes on where a run of ${epochs} would be, after rates of a run of ${held.epochs}; give a schedule its own length, as in cosine(epochs=40), for runs that may go on`;
}
