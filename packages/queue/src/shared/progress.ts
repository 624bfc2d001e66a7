import type { TrainMessage } from "@gradpool/runs";
import { plain } from "./plain.js";

/** What a worker tells of a trial under way. */
export interface Progress {
  readonly machine: string;
  readonly message: TrainMessage;
}

const numbers = ["epoch", "epochs", "step", "steps", "samplesPerSecond"] as const;

/** The same, read from the queue; null for what is none. */
export function readProgress(said: unknown): Progress | null {
  const { machine, message } = (typeof said === "object" && said !== null ? said : {}) as Partial<Progress>;
  if (typeof machine !== "string" || typeof message !== "object" || message === null) return null;
  const held = message as unknown as Readonly<Record<string, unknown>>;
  const isProgress = held["type"] === "progress" && numbers.every((name) => Number.isFinite(held[name]));
  const isEvaluation = held["type"] === "evaluation" && Number.isFinite(held["epoch"]) && isMetrics(held["metrics"]);
  return isProgress || isEvaluation ? { machine: plain(machine).slice(0, 100), message } : null;
}

const isMetrics = (held: unknown): boolean =>
  typeof held === "object" &&
  held !== null &&
  Object.values(held).every((value) => value === null || typeof value === "number");
