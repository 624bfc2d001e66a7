import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { checkRecord, type TrialRecord } from "@gradpool/bench";
import { GradpoolError } from "@gradpool/core";
import { makeFolders, writeWhole } from "@gradpool/files";
import { pathsOf, readResult } from "@gradpool/runs";
import { plain } from "./plain.js";

/** What a worker answers: the files of a trial that ended, by name, gzipped, in base64. Its checkpoints stay where they are. */
export interface TrialAnswer {
  readonly version: 1;
  readonly machine: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Of a run's files those that tell what it came to, the last of which says that it has ended. */
const travelling = ["config", "metrics", "diagnostics", "card", "cardText", "result"] as const;

/** No file of a trial comes near it: what is larger is no trial's. */
const most = 512 * 2 ** 20;

export function packFiles(out: string, machine: string): TrialAnswer {
  const paths = Object.entries(pathsOf(out)).filter(([key]) => (travelling as readonly string[]).includes(key));
  const files = paths.flatMap(([, path]) =>
    existsSync(path) ? [[basename(path), gzipSync(readFileSync(path)).toString("base64")] as const] : [],
  );
  return { version: 1, machine, files: Object.fromEntries(files) };
}

/** Who answered, as far as it can be read. */
export function machineOf(answer: unknown): string {
  const { machine } = (answer ?? {}) as Partial<TrialAnswer>;
  return plain(typeof machine === "string" ? machine : "a machine without a name").slice(0, 100);
}

/** Writes an answer's files into the trial's folder here, so that they read as if it had run here. Error `damaged`. */
export function unpackFiles(answer: unknown, out: string): void {
  const { version, files } = (answer ?? {}) as Partial<TrialAnswer>;
  if (version !== 1 || typeof files !== "object" || files === null) throw damaged("it is no trial's", out);
  const paths = pathsOf(out);
  makeFolders(out);
  // Of an earlier stage: its logs are about to be others.
  rmSync(paths.result, { force: true });
  for (const key of travelling) {
    const text: unknown = Object.hasOwn(files, basename(paths[key])) ? files[basename(paths[key])] : undefined;
    if (typeof text === "string") writeWhole(paths[key], unzipped(text, out));
    else rmSync(paths[key], { force: true });
  }
}

function unzipped(text: string, out: string): Buffer {
  try {
    return gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: most });
  } catch (cause) {
    throw damaged("it does not unpack", out, cause);
  }
}

/** Refuses what was trained on other data, and a record that is none: the folder's own digests were made by the one who answered. */
export function requireOurs(out: string, record: TrialRecord, dataHash: string): void {
  const found = readResult(out)?.dataHash;
  if (found !== dataHash) throw damaged(`it was trained on other data: ${plain(String(found)).slice(0, 16)}`, out);
  checkRecord(record, out);
}

const damaged = (what: string, where: string, cause?: unknown): GradpoolError =>
  new GradpoolError({ code: "damaged", what, where, remedy: "run the bench again", cause });
