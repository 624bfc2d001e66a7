import type { Workspace } from "../tables/workspace.js";
import type { After } from "./after.js";
import type { ResolvedOptions } from "./options.js";

/** What every step after reading gets. */
export interface Context extends Workspace {
  readonly resolved: ResolvedOptions;
  /** The set whose numbers hold, where one was named. */
  readonly after?: After;
}
