import { existsSync, readFileSync } from "node:fs";
import { GradpoolError } from "@gradpool/core";
import { sealed, unsealed, writeWhole } from "@gradpool/files";
import { pathsOf } from "./folder.js";
import type { RunFile } from "./messages.js";

/** Writes `result.json`, with a digest of itself as its last field. */
export function writeResult(out: string, file: RunFile): void {
  writeWhole(pathsOf(out).result, `${JSON.stringify(sealed(file), null, 2)}\n`);
}

/** The result of a run, null if it has none yet; interrupted runs have one too. Error `damaged` if a byte of it was changed. */
export function readResult(out: string): RunFile | null {
  const { result: path } = pathsOf(out);
  if (!existsSync(path)) return null;
  const damaged = (what: string, cause?: unknown): GradpoolError =>
    new GradpoolError({
      code: "damaged",
      what,
      where: path,
      remedy: "delete it, and resume the run: what was trained is in its checkpoints",
      cause,
    });
  let held: unknown;
  try {
    held = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw damaged("not JSON", cause);
  }
  if (typeof held !== "object" || held === null) throw damaged("no result of a run");
  const { content, seal } = unsealed(held as RunFile);
  if (seal !== "whole") throw damaged("its checksum does not match");
  return content;
}
