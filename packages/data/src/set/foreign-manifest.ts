import { join } from "node:path";
import type { GradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import type { Scale } from "./encoding.js";
import { partNames } from "./prepared-set.js";

/**
 * What other programs (Spark, Flink) write beside their Parquet files, as `manifest.json`, so that the files are read where they stand. Ids and
 * categories are whole numbers from 0; of categories 0 is "missing".
 */
export interface ForeignManifest {
  readonly format: "gradpool-rows";
  readonly version: 1;
  /** Files or folders of each part, in this folder; those of a folder in the order of their names. */
  readonly train: string | readonly string[];
  readonly valid?: string | readonly string[];
  readonly test?: string | readonly string[];
  /** Columns of the ids; `size`: how many there are (default: the largest there is). Absent: the ids say nothing. */
  readonly user?: string | ForeignId;
  readonly item?: string | ForeignId;
  /** The tasks: columns of 0, 1 or NULL, by name or as `{ name: column }`. The first is the target. */
  readonly labels: readonly string[] | Readonly<Record<string, string>>;
  readonly features?: Readonly<Record<string, ForeignFeature>>;
  readonly weight?: string;
  readonly time?: string;
}

export interface ForeignId {
  readonly column: string;
  readonly size?: number;
}

export type ForeignFeature = {
  /** Default: the feature's name. */
  readonly column?: string;
} & (
  | { readonly kind: "category"; readonly vocabulary?: number }
  | { readonly kind: "list"; readonly vocabulary?: number; readonly pooling?: "sum" | "mean" }
  | { readonly kind: "number"; readonly scale?: Scale; readonly flag?: true }
);

export const isRows = (held: unknown): held is ForeignManifest =>
  typeof held === "object" && held !== null && (held as { format?: unknown }).format === "gradpool-rows";

export const refuse = (what: string, folder: string, remedy: string): GradpoolError =>
  problem("invalid-input", what, join(folder, "manifest.json"), remedy);

/** Errors: `version`, `invalid-input` for what is not of the kind that {@link ForeignManifest} says. */
export function checkShape(held: ForeignManifest, folder: string): void {
  if (held.version !== 1)
    throw problem(
      "version",
      `the manifest has version ${String(held.version)}, not 1`,
      join(folder, "manifest.json"),
      "update @gradpool/data",
    );
  const written = held as unknown as Readonly<Record<string, unknown>>;
  if (written["train"] === undefined) throw refuse("it names no training rows", folder, 'add "train": "FOLDER"');
  for (const part of partNames) {
    if (isNames(written[part] ?? [])) continue;
    throw refuse(`${part} is ${shown(written[part])}`, folder, "give the name of a file or folder, or a list of them");
  }
  const labels = Array.isArray(held.labels) ? held.labels : isRecord(held.labels) ? Object.values(held.labels) : [];
  if (labels.length === 0) throw refuse("it names no labels", folder, 'add "labels": ["click"]');
  const columns = [...labels, ...["user", "item"].map((id) => columnIn(written[id])), held.weight, held.time];
  const strange = columns.find((column) => column !== undefined && typeof column !== "string");
  if (strange !== undefined) throw refuse(`a column is called ${shown(strange)}`, folder, "give its name, a text");
  for (const [called, feature] of Object.entries<unknown>(held.features ?? {})) {
    const kind = isRecord(feature) ? feature["kind"] : feature;
    if (isRecord(feature) && ["category", "list", "number"].includes(String(kind))) continue;
    throw refuse(`the feature ${called} is ${shown(kind)}`, folder, 'give { "kind": … }: category, list or number');
  }
}

const isRecord = (held: unknown): held is Readonly<Record<string, unknown>> =>
  typeof held === "object" && held !== null && !Array.isArray(held);

const isNames = (held: unknown): boolean => [held].flat().every((name) => typeof name === "string" && name !== "");

const columnIn = (id: unknown): unknown => (isRecord(id) ? (id["column"] ?? null) : id);

const shown = (held: unknown): string => JSON.stringify(held) ?? "not there";
