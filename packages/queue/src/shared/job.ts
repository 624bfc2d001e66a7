import type { TrialSpec } from "@gradpool/bench";
import { GradpoolError } from "@gradpool/core";
import { checkConfig, defaultConfig, parseData } from "@gradpool/runs";

/** A trial as the queue holds it. It is data: whoever can write to the queue wrote it, and a worker believes none of it. */
export interface TrialJob {
  readonly version: 1;
  /** Of the comparison that asks for it: 16 hex digits. */
  readonly bench: string;
  /** `config.data` is that of generated data, or {@link byHash}. */
  readonly trial: TrialSpec;
  readonly dataHash: string;
  /** Files that the configuration names as pools or model, with their SHA-256. */
  readonly code: Readonly<Record<string, string>>;
}

/** In the place of a set's folder, which is another one on each machine. */
export const byHash = "(by its hash)";

/** Tries of a trial that ends with its process or its worker, before it is given up. */
export const tries = 3;

/** For so long the queue keeps what nobody came for, in seconds: a comparison that was killed has a week to go on. */
export const kept: number = 7 * 24 * 3600;

const isHex = (text: unknown, digits: number): text is string =>
  typeof text === "string" && text.length === digits && /^[0-9a-f]+$/.test(text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A job, checked: names of folders are hex digits, the configuration is one, data is no path. Error `invalid-input`. */
export function readJob(held: unknown): TrialJob {
  const job = (isRecord(held) ? held : {}) as unknown as TrialJob;
  const trial = (isRecord(job.trial) ? job.trial : {}) as TrialSpec;
  if (job.version !== 1) throw refused(`a job of version ${String(JSON.stringify(job.version))}`);
  const named = isHex(job.bench, 16) && isHex(trial.id, 16) && (trial.folder === undefined || isHex(trial.folder, 16));
  if (!named || !isHex(job.dataHash, 64)) throw refused("a job with a name that is none");
  const point = isRecord(trial.point) ? Object.values(trial.point) : [null];
  const isPoint = point.every((value) => typeof value === "number" || typeof value === "string");
  const isCode = isRecord(job.code) && Object.values(job.code).every((digest) => isHex(digest, 64));
  if (typeof trial.label !== "string" || !isPoint || !isCode) throw refused("a job that is no trial");
  const config = { ...defaultConfig, ...checkConfig(trial.config, "a job's configuration") };
  if (config.data !== byHash && parseData(config.data).kind !== "shop")
    throw refused("a job that names a folder as data");
  return { ...job, trial: { ...trial, config } };
}

const refused = (what: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what,
    where: "queue",
    remedy: "see who else writes to this Redis; a bench and its workers are of one release",
  });
