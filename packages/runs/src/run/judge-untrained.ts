import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { writeWhole } from "@gradpool/files";
import { judgeRankings, scoreRanker } from "@gradpool/trainer";
import type { LoadedData } from "../data/load.js";
import { rankedParts } from "../evaluation/ranking.js";
import type { TrainConfig } from "../options/training.js";
import { machine } from "./environment.js";
import { pathsOf } from "./folder.js";
import type { RunFile } from "./messages.js";
import { recorded } from "./recorded.js";
import { readResult, writeResult } from "./result-file.js";
import type { Scores } from "../workloads/untrained.js";

const emptyLog = { bytes: 0, sha256: createHash("sha256").digest("hex") };

/** Judges what learns nothing, once, and writes the files of a run that a comparison reads: configuration and result. */
export async function judgeUntrained(
  { out, signal }: { readonly out: string; readonly signal?: AbortSignal },
  config: TrainConfig,
  { set, hash }: LoadedData,
  scores: Scores,
  seconds: () => number,
): Promise<RunFile> {
  const ended = existsSync(pathsOf(out).result) ? readResult(out) : null;
  if (ended !== null) return ended;
  const parts = rankedParts(set, config);
  const ranker = scoreRanker({ users: set.users, items: set.items, score: scores, signal });
  const judge = (part: "valid" | "test") =>
    judgeRankings({ ranker, itemCount: set.items, unit: null, metrics: config.metrics, part: parts[part] });
  const [valid, test] = [await judge("valid"), await judge("test")];
  const missing = test.undefined.map((one) => ({ ...one, part: "test" }));
  const entry = { epoch: 0, step: 0, losses: [], metrics: recorded(valid.values) };
  const file: RunFile = {
    version: 1,
    config,
    dataHash: hash,
    result: {
      best: entry.metrics,
      bestEpoch: 0,
      test: recorded(test.values),
      ...(missing.length > 0 && { undefined: missing }),
      history: [entry],
      steps: 0,
      samples: 0,
      skipped: 0,
      stopped: "epochs",
    },
    cost: {
      trainingSeconds: 0,
      samplesPerSecond: 0,
      secondsPerEpoch: 0,
      wallSeconds: seconds(),
      peakRssMb: process.resourceUsage().maxRSS / 1024,
    },
    environment: { ...machine(), engine: "none" },
    logs: { metrics: emptyLog, diagnostics: emptyLog },
  };
  writeWhole(pathsOf(out).config, `${JSON.stringify(config, null, 2)}\n`);
  writeResult(out, file);
  return file;
}
