import { problem } from "../errors.js";
import { expand } from "../tables/sources.js";
import type { Column } from "../tables/kinds.js";
import type { DataFormat, Reading } from "./reader.js";

type Asking = Pick<DataFormat, "name" | "takes">;

/** The paths given as `input`; none is wrong usage. */
export function inputs({ options }: Reading, { name, takes }: Asking): readonly string[] {
  const paths = options.input === undefined ? [] : [options.input].flat();
  if (paths.length > 0 && paths.every((path) => path !== "")) return paths;
  throw problem("usage", "no input given", "input", `${name} reads ${takes.input ?? "files"}`);
}

/** The only path given as `input`. */
export function onlyInput(reading: Reading, format: Asking): string {
  const [path = "", ...more] = inputs(reading, format);
  if (more.length === 0) return path;
  const remedy = `${format.name} reads one: ${format.takes.input ?? "a path"}`;
  throw problem("usage", `${more.length + 1} inputs given`, "input", remedy);
}

/** The files that `input` names: themselves, those of folders that have one of the endings, those that globs match. */
export function inputFiles(reading: Reading, format: Asking, endings: readonly string[]): Promise<string[]> {
  return expand(reading.db, inputs(reading, format), endings);
}

/** Files, folders or globs, and the table that their rows go to. */
export interface Rows {
  readonly input: readonly string[];
  readonly table: string;
}

/** Makes a table of the columns wanted. */
export type ReadRows = (reading: Reading, wanted: readonly Column[], rows: Rows) => Promise<void>;

/** {@link inputFiles} of paths that came in another way. */
export const filesOf = ({ db }: Reading, paths: readonly string[], endings: readonly string[]): Promise<string[]> =>
  expand(db, paths, endings);
