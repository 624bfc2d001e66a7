import { createRequire } from "node:module";

/**
 * Gives back `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed and tfjs-node 4.22 still calls.
 * Call it before tfjs-node is loaded; where the functions exist it does nothing.
 */
export function shimNode(): void {
  // The CommonJS object, because an ES module's namespace cannot be written to.
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util["isNullOrUndefined"] ??= (value: unknown): boolean => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;
}
