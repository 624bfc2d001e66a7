import type { Workspace } from "../tables/workspace.js";
import type { ResolvedOptions } from "./options.js";

/** What every step after reading gets. */
export interface Context extends Workspace {
  readonly resolved: ResolvedOptions;
}
