import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import { expandFile, filesOf, type ForeignManifest, readForeign, type RowSizes } from "./foreign.js";
import { loadImpressions } from "./load-impressions.js";
import type { PreparedSet } from "./prepared-set.js";

export type { RowSizes } from "./foreign.js";

/** A folder of rows that other programs add partitions to: Parquet files, each of which stands there whole once it has its name. */
export interface GrowingRows {
  readonly folder: string;
  readonly manifest: ForeignManifest;
  /** The partitions that are there now: files of the training rows, in the order of their paths. */
  partitions(): Promise<readonly string[]>;
  /**
   * One of them as a set whose training rows stay in its file. Sizes that the manifest does not tell are the largest values, or those of `least`
   * where they are larger. Errors: `damaged` for a file that is missing, or no Parquet file; `invalid-input` for one with other columns.
   */
  open(partition: string, least?: RowSizes): Promise<PreparedSet>;
}

/** Errors: `not-found` without a manifest of rows, `invalid-input` for one that says something else. */
export async function growingRows(folder: string): Promise<GrowingRows> {
  const manifest = await readForeign(folder);
  return {
    folder,
    manifest,
    async partitions() {
      const named = typeof manifest.train === "string" ? [manifest.train] : manifest.train;
      const found: string[] = [];
      for (const entry of named) {
        // A folder that nobody has made yet has no partitions yet.
        const there = await stat(join(folder, entry)).catch(() => undefined);
        if (there !== undefined) found.push(...(await filesOf(folder, entry)));
      }
      return found;
    },
    open: (partition, least) =>
      openPartition(folder, manifest, partition, least).catch((error: unknown) => {
        if (isGradpoolError(error)) throw error;
        throw problem("damaged", "the rows cannot be read", join(folder, partition), "write the file again", error);
      }),
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
