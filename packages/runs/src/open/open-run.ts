import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { given } from "@gradpool/core";
import { keptNegatives, withAllNegatives } from "../evaluation/kept-negatives.js";
import { defaultConfig, type TrainConfig } from "../options/training.js";
import { readConfig } from "../run/read-config.js";
import { readResult } from "../run/result-file.js";
import { loadWorkload } from "../workloads/load.js";
import type { MadeWorkload, Workload } from "../workloads/contract.js";
import { makeWorkload } from "../workloads/make.js";
import type { NewRows, TrainedRun } from "./contract.js";
import { openData } from "./data.js";
import { problem } from "./errors.js";
import { evaluate } from "./evaluate.js";
import { idTable } from "./ids.js";
import type { Opened } from "./opened.js";
import { predictEach } from "./predict.js";
import { withNewRows } from "./new-rows.js";
import { recommendColumns, recommendEach } from "./recommend.js";
import { restoreEngine, storedWeights } from "./restore.js";
import { scorePairs } from "./score.js";
import { similarItems } from "./similar.js";
import { embeddingsOf, weightsOf } from "./vectors.js";

export interface OpenOptions {
  /** Another tfjs backend than the run was trained on: `auto`, `node-gpu`, `node`, `wasm`, `cpu`. */
  readonly backend?: TrainConfig["backend"];
  /** The paths and packages whose code may run where the run's configuration names one as its model. Default: none. */
  readonly allow?: readonly string[];
  /**
   * Users and items that the run's data does not have, with their features: for models that read features (`features=true`). They are
   * ranked, scored and exported like the others from then on, their own row the mean of all, and have chosen nothing.
   */
  readonly newcomers?: NewRows;
  /** Another choice than the run's: `corrected` for the negatives that its set left out, or as `sampled`. */
  readonly probabilities?: TrainConfig["probabilities"];
}

/**
 * The trained model of a run's folder, with the best epoch's weights and the ids of its data. It needs that folder alone: what
 * ranking needs of the data is kept there (`data.gradpool`; where it is missing, the data is read from where it was).
 *
 * @throws GradpoolError: `not-found` for a folder without a run, `damaged` for a checkpoint that is not whole or not the run's, `usage` for
 * a model whose code nobody allowed, `version` for
 * one of another release, `invalid-input` for a run beside the data of another.
 */
export async function openRun(
  folder: string,
  { backend, allow = [], newcomers, probabilities }: OpenOptions = {},
): Promise<TrainedRun> {
  const path = resolve(folder);
  if (!existsSync(join(path, "config.json"))) {
    throw problem("not-found", "there is no run", folder, "give the folder of a run: --out of train");
  }
  const held = { ...defaultConfig, ...readConfig(join(path, "config.json")) };
  const config = { ...held, ...given({ backend, probabilities }) };
  const { data: kept, name } = await openData(path, config);
  const { workload, options } = await loadWorkload(config.model, { allow });
  // Before the model is made of the data: weights of other data are told as such. What learns nothing has none, and `make` says so.
  const stored = workload.untrained === undefined ? storedWeights(path, { data: kept.hash, name }) : undefined;
  const grown = newcomers === undefined ? undefined : withNewRows(kept, newcomers, path);
  const data = grown?.data ?? kept;
  const made = makeWorkload(workload, { set: data.set, config, options, measures: data.measures });
  if (newcomers !== undefined) requireReading(made, workload, path);
  const restored = await restoreEngine(path, config, made, stored as NonNullable<typeof stored>);
  const { weights } = restored;
  const objectives = made.model.tasks.map(({ objective }) => objective);
  const engine = withAllNegatives(restored.engine, keptNegatives(data.set, config), objectives);
  const users = idTable(data.names.users, data.set.users, "users", path);
  const items = idTable(data.names.items, data.set.items, "items", path);
  const opened: Opened = { folder: path, config, data, made, engine, users, items };
  return {
    folder: path,
    config,
    tasks: engine.tasks.names,
    file: readResult(path),
    weights,
    data,
    model: made.model,
    ranks: made.model.ranking !== undefined,
    ...given({ newcomers: grown?.newcomers }),
    ...questions(opened),
    dispose: () => engine.dispose(),
  };
}

/** Newcomers are known by their features alone. */
function requireReading({ model, readsFeatures }: MadeWorkload, { name, options }: Workload, folder: string): void {
  if (readsFeatures === true) return;
  const [like] = "features" in options ? [name] : ["mf"];
  const remedy =
    model.ranking === undefined ? "give the features in the rows to predict" : `train ${like}(features=true)`;
  throw problem("unsupported", `${model.name} knows users and items by their ids alone`, folder, remedy);
}

type Questions = Omit<
  TrainedRun,
  "folder" | "config" | "tasks" | "file" | "weights" | "data" | "model" | "ranks" | "newcomers" | "dispose"
>;

function questions(run: Opened): Questions {
  const { users, items } = run;
  const sides = { users, items };
  return {
    ids: (side) => sides[side].all,
    has: (side, id) => sides[side].find(id) >= 0,
    recommend: async (asked, options) => {
      const lists = [];
      for await (const list of recommendEach(run, asked === "all" ? users.all : asked, options)) lists.push(list);
      return lists;
    },
    recommendEach: (asked, options) => recommendEach(run, asked, options),
    recommendColumns: (asked, options) => recommendColumns(run, asked, options),
    score: (pairs, options) => scorePairs(run, pairs, options),
    predict: async (rows) => {
      const predictions = [];
      for await (const prediction of predictEach(run, rows)) predictions.push(prediction);
      return predictions;
    },
    predictEach: (rows) => predictEach(run, rows),
    similarItems: (ids, k) => similarItems(run, ids, k),
    embeddings: (side) => embeddingsOf(run, side),
    weightsByName: () => weightsOf(run),
    evaluate: (options) => evaluate(run, options),
  };
}
