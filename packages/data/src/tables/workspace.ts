import type { Duck } from "./duck.js";
import type { MalformedLog } from "./malformed.js";

/** What a running preparation is doing. */
export interface PrepareProgress {
  readonly stage: "read" | "filter" | "split" | "write" | "check";
  readonly detail: string;
  /** 0 … 1 where it is known. */
  readonly fraction?: number;
}

/** Where a preparation works: its database, its folder, and whom it tells. */
export interface Workspace {
  readonly db: Duck;
  /** A folder of its own, removed at the end whatever happens. */
  readonly folder: string;
  readonly malformed: MalformedLog;
  readonly signal: AbortSignal | undefined;
  /** Of text files; default UTF-8. */
  readonly encoding?: string;
  /** Registers a file as a source of the set: it will be hashed. Returns the path. */
  source(path: string): string;
  /** Says something that the user should know about how the data were read. The same is said once. */
  note(text: string): void;
  progress(stage: PrepareProgress["stage"], detail: string): void;
  /** A table or file name not given out before. */
  fresh(prefix: string): string;
}
