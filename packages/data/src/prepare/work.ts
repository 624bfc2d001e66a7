import { given } from "@gradpool/core";
import { openDuck } from "../tables/duck.js";
import { createMalformedLog } from "../tables/malformed.js";
import { digest, type SourceFile } from "../tables/sources.js";
import type { PrepareProgress, Workspace } from "../tables/workspace.js";

export interface PrepareHooks {
  readonly onProgress?: (progress: PrepareProgress) => void;
  /** Stops the work; everything written so far is removed and the error has code `interrupted`. */
  readonly signal?: AbortSignal;
}

/** What DuckDB may use. */
export interface Means {
  readonly threads: number;
  readonly memory: string;
}

/** A workspace in `folder`, with its sources: their hashes once all are read, and its end. */
export interface OpenWorkspace {
  readonly workspace: Workspace;
  /** What the user should know, in the order it was said. */
  readonly notes: readonly string[];
  sources(): Promise<readonly SourceFile[]>;
  close(): Promise<void>;
}

export async function openWorkspace(
  folder: string,
  means: Means,
  encoding: string | undefined,
  hooks: PrepareHooks,
): Promise<OpenWorkspace> {
  const { signal, onProgress } = hooks;
  let current: PrepareProgress = { stage: "read", detail: "" };
  const db = await openDuck({
    path: `${folder}/stage.duckdb`,
    spill: `${folder}/spill`,
    ...means,
    signal,
    onProgress:
      onProgress &&
      ((percentage) => {
        if (percentage > 0) onProgress({ ...current, fraction: percentage / 100 });
      }),
  });
  // A source is hashed while DuckDB reads it: the file comes from the disk once.
  const digests = new Map<string, Promise<SourceFile | { error: unknown }>>();
  const notes = new Set<string>();
  let fresh = 0;
  const workspace: Workspace = {
    db,
    folder,
    malformed: createMalformedLog(),
    signal,
    ...given({ encoding }),
    note: (text) => void notes.add(text),
    source(path) {
      if (!digests.has(path)) {
        const made = digest(path, signal).catch((error: unknown) => ({ error }));
        digests.set(path, made);
      }
      return path;
    },
    progress(stage, detail) {
      current = { stage, detail };
      onProgress?.(current);
    },
    fresh: (prefix) => `${prefix}_${fresh++}`,
  };
  return {
    workspace,
    get notes() {
      return [...notes];
    },
    async sources() {
      const found = await Promise.all(digests.values());
      return found.map((entry) => {
        if ("error" in entry) throw entry.error;
        return entry;
      });
    },
    async close() {
      await Promise.allSettled(digests.values());
      db.close();
    },
  };
}
