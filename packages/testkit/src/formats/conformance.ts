import type { ConformanceCase } from "../case.js";
import { declare, type Runner } from "../runner.js";
import { failureCases } from "./failures.js";
import { readingCases } from "./reading.js";
import type { FormatKit, FormatLike } from "./types.js";

/** Everything that the suite checks of a data format, as a list. Runs on Node. */
export function formatCases(format: FormatLike, kit: FormatKit): ConformanceCase<Promise<void>>[] {
  return [...readingCases(format, kit), ...failureCases(format, kit)];
}

/** Declares the suite in a test runner: `describeFormat(format, { describe, it, prepare, sample })`. */
export function describeFormat(format: FormatLike, kit: Runner & FormatKit): void {
  declare(`${format.name} conforms`, formatCases(format, kit), kit);
}
