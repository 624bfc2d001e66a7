import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import { expandFile, filesOf, readForeign, type RowSizes } from "./foreign.js";
import type { ForeignManifest } from "./foreign-manifest.js";
import { loadImpressions } from "./load-impressions.js";
import type { PreparedSet } from "./prepared-set.js";

export type { RowSizes } from "./foreign.js";

/** A folder that other programs add partitions to: Parquet files, each of which stands there whole once it has its name. */
export interface Growing {
  readonly folder: string;
  /** What says how rows are to be read: another one makes another data set. */
  readonly manifest: object;
  /** The tasks; the first is the target. */
  readonly labels: readonly string[];
  /** Whether rows have features that are numbers. */
  readonly numerical: boolean;
  /** The partitions that are there now: files of the training rows, in the order of their paths. */
  partitions(): Promise<readonly string[]>;
  /**
   * One of them as a set whose training rows stay in files. Errors: `damaged` for a file that is missing, or no Parquet file; `invalid-input` for one
   * with other columns.
   */
  open(partition: string, met: Met): Promise<OpenedRows>;
}

/** What is known when a partition is opened. */
export interface Met {
  /** Sizes that the manifest does not tell are the largest values, or these where they are larger. */
  readonly least: RowSizes | null;
  /** A name that no other partition has. */
  readonly place: string;
  /** The folder of a prepared set whose numbers hold; null: none. */
  readonly after: string | null;
}

export interface OpenedRows {
  /** null: there are no rows. */
  readonly set: PreparedSet | null;
  /** The folder of a prepared set that says what numbers are called; null: they are all there is. */
  readonly named: string | null;
  readonly rows: number;
  readonly bytes: number;
}

/** The files of these names and folders; a folder that nobody has made yet has none yet. */
export async function presentIn(folder: string, named: string | readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of typeof named === "string" ? [named] : named) {
    const there = await stat(join(folder, entry)).catch(() => undefined);
    if (there !== undefined) found.push(...(await filesOf(folder, entry)));
  }
  return found;
}

/** Rows of numbers. Errors: `not-found` without a manifest of rows, `invalid-input` for one that says something else. */
export async function growingRows(folder: string): Promise<Growing> {
  const manifest = await readForeign(folder);
  const { labels, features = {} } = manifest;
  return {
    folder,
    manifest,
    labels: Array.isArray(labels) ? (labels as readonly string[]) : Object.keys(labels),
    numerical: Object.values(features).some(({ kind }) => kind === "number"),
    partitions: () => presentIn(folder, manifest.train),
    async open(partition, { least }) {
      try {
        const set = await openPartition(folder, manifest, partition, least ?? undefined);
        const [{ rows, bytes } = { rows: 0, bytes: 0 }] = set.manifest?.files ?? [];
        return { set: rows === 0 ? null : set, named: null, rows, bytes };
      } catch (error) {
        if (isGradpoolError(error)) throw error;
        throw problem("damaged", "the rows cannot be read", join(folder, partition), "write the file again", error);
      }
    },
  };
}

async function openPartition(
  folder: string,
  manifest: ForeignManifest,
  partition: string,
  least: RowSizes | undefined,
): Promise<PreparedSet> {
  const own = await expandFile(folder, manifest, partition, least);
  const set = {
    users: own.users,
    items: own.items,
    target: own.target,
    behaviors: {},
    counts: {},
    itemPairs: {},
    userFeatures: [],
    itemFeatures: [],
    manifest: own,
  };
  const impressions = await loadImpressions(folder, own, set, { rows: "stream" });
  return { ...set, ...(impressions && { impressions }) };
}

/** How many users, items and values of features a set has. */
export const sizesOf = ({ users, items, impressions }: PreparedSet): RowSizes => ({
  users,
  items,
  features: Object.fromEntries(
    (impressions?.train.features ?? []).flatMap((feature) =>
      feature.kind === "numerical" ? [] : [[feature.name, feature.vocabulary]],
    ),
  ),
});

/** The set with its training rows as its validation part too: what is to be learnt next, judged before it is. */
export function judgedSet(set: PreparedSet): PreparedSet {
  const { impressions } = set;
  if (impressions === undefined) return set;
  const { train, streamed } = impressions;
  const both = <T>(of: Readonly<Record<"train" | "valid" | "test", T>>) => ({ ...of, valid: of.train });
  return {
    ...set,
    impressions: {
      ...impressions,
      valid: train,
      ...(streamed && {
        streamed: {
          ...streamed,
          groups: both(streamed.groups),
          parts: both(streamed.parts),
          rows: both(streamed.rows),
        },
      }),
    },
  };
}
