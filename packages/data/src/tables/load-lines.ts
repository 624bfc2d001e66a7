import { convertLines, type LineParser } from "./convert.js";
import { name, text } from "./duck.js";
import { checkFile } from "./sources.js";
import type { Workspace } from "./workspace.js";

/**
 * Lines that `parse` takes apart → a new table with these columns and types. Each file becomes a temporary CSV first, so
 * memory stays constant. The rows are not counted as read: a line may make several.
 */
export async function loadLines(
  workspace: Workspace,
  files: readonly string[],
  parse: LineParser,
  table: string,
  columns: Readonly<Record<string, "BIGINT" | "DOUBLE" | "VARCHAR">>,
): Promise<void> {
  const clean: string[] = [];
  for (const file of files) {
    workspace.source(await checkFile(file));
    workspace.progress("read", file);
    clean.push(text(await convertLines(workspace, file, parse)));
  }
  const types = Object.entries(columns).map(([column, type]) => `${text(column)}: ${text(type)}`);
  await workspace.db
    .run(`CREATE TABLE ${name(table)} AS SELECT * FROM read_csv([${clean.join(", ")}], auto_detect=false, header=false,
    delim=',', quote='"', escape='"', max_line_size=16777216, columns={${types.join(", ")}})`);
}
