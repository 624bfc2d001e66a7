import type { Manifest } from "../set/manifest.js";
import type { Workspace } from "../tables/workspace.js";
import type { ResolvedOptions } from "./options.js";

/** A prepared set whose numbers hold: users, items and values have the numbers that they have there, new ones the next. */
export interface After {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** What every step after reading gets. */
export interface Context extends Workspace {
  readonly resolved: ResolvedOptions;
  /** The set whose numbers hold, where one was named. */
  readonly after?: After;
}
