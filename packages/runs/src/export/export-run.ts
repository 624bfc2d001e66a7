import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fillFolder } from "@gradpool/files";
import { selectBackend } from "@gradpool/trainer";
import type { TrainedRun } from "../open/contract.js";
import { writeCard } from "../card/write.js";
import { cardOf, keepCard } from "../open/card.js";
import { denseGraph } from "./graph/build.js";
import type { DenseGraph } from "./graph/contract.js";
import { onnxModel } from "./graph/onnx.js";
import { writeTfjs } from "./graph/tfjs.js";
import { vectorGraph } from "./graph/vectors.js";
import { writeEmbeddings, writeIds, writeVocabularies } from "./ids.js";
import { writeFeatureRows } from "./feature-rows.js";
import { writeNpy, writeNpyTexts } from "./files/npy.js";
import { writeRanking, writeRowIds } from "./page.js";
import { writeSafetensors } from "./files/safetensors.js";
import { torchTensors } from "./tensors.js";

export const exportFormats = ["safetensors", "npy", "parquet", "onnx", "tfjs"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** A folder that is not there yet. */
  readonly out: string;
}

const writers: Readonly<Record<ExportFormat, (run: TrainedRun, folder: string) => Promise<void> | void>> = {
  safetensors(run, folder) {
    const { model, tasks } = run.config;
    const metadata = { format: "pt", model, tasks: tasks.join(","), run: basename(run.folder) };
    writeSafetensors(join(folder, "model.safetensors"), torchTensors(run), metadata);
    writeFeatureRows(run, folder);
  },
  npy(run, folder) {
    mkdirSync(join(folder, "weights"));
    for (const { name, shape, values } of torchTensors(run)) {
      writeNpy(join(folder, "weights", `${name.replaceAll(/[^\w.-]/g, "_")}.npy`), shape, values);
    }
    writeFeatureRows(run, folder);
    for (const side of ["users", "items"] as const) {
      const { ids, dim, values } = run.embeddings(side);
      writeNpy(join(folder, `${side}.npy`), [ids.length, dim], values);
      writeNpyTexts(join(folder, `ids.${side}.npy`), ids);
    }
  },
  parquet: writeEmbeddings,
  async onnx(run, folder) {
    const { tf } = await selectBackend(run.config.backend, { log: null });
    const { model, tasks } = run.config;
    writeFileSync(join(folder, "model.onnx"), onnxModel(denseGraph(run, tf), { model, tasks: tasks.join(",") }));
    writeVocabularies(run, folder);
  },
  async tfjs(run, folder) {
    const { model, tasks } = run.config;
    writeTfjs(folder, await pageGraph(run), { model, tasks: tasks.join(",") });
    if (run.ranks) writeRanking(run, folder);
    else writeRowIds(run, folder);
  },
};

/** Without dense layers a model is a product of two tables, which is a graph as well. */
async function pageGraph(run: TrainedRun): Promise<DenseGraph> {
  if (run.ranks && run.model.kind !== "tensor") return vectorGraph(run);
  const { tf } = await selectBackend(run.config.backend, { log: null });
  return denseGraph(run, tf, { scores: run.ranks });
}

/**
 * Writes a trained model for other programs, with `ids.users.parquet`, `ids.items.parquet` and its card beside. The folder appears
 * when it is whole, or not at all.
 * - `safetensors`: `model.safetensors`, all weights as PyTorch calls and lays them out; `features.json` of models that rank by features.
 * - `npy`: the same a file each in `weights/`; `users.npy`, `items.npy` the embeddings; `ids.*.npy` their ids.
 * - `parquet`: `users.parquet`, `items.parquet`: id and embedding, for vector stores.
 * - `onnx`: `model.onnx`, from the features of rows to each task's probability; models with dense layers. `vocabularies.json` says
 *   which number a feature's value has.
 * - `tfjs`: `model.json` and its weights for `tf.loadGraphModel`, and what a page needs beside: `ranking.json` of a model that ranks,
 *   `ids.json` and `vocabularies.json` of one of rows.
 *
 * @throws GradpoolError: `usage` if the folder is there, `failed` if it cannot be written.
 */
export async function exportRun(run: TrainedRun, { format, out }: ExportOptions): Promise<void> {
  const card = await cardOf(run);
  await fillFolder(resolve(out), async (work) => {
    await writers[format](run, work);
    await writeIds(run, work);
    writeCard(work, card);
  });
  keepCard(run, card);
}
