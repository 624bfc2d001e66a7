import type { Workspace } from "./workspace.js";
import { forEachLine, type LineOptions } from "./lines.js";
import { openText } from "./text-file.js";

/** Takes one line apart: the fields of any number of rows (null: missing), or the reason why it is malformed. Undefined skips it. */
export type LineParser = (line: string) => readonly (readonly (string | null)[])[] | string | undefined;

const quoted = (field: string | null): string => {
  if (field === null || field === "") return "";
  return /[",\n\r]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
};

/**
 * Reads lines that DuckDB cannot be trusted with (JSON, irregular columns, damaged rows) and writes plain CSV into the
 * working folder; malformed lines are logged with their numbers, blank ones skipped. Returns the path of the CSV.
 */
export async function convertLines(
  context: Workspace,
  path: string,
  parse: LineParser,
  options: LineOptions & { readonly header?: boolean; readonly join?: (line: string) => boolean } = {},
): Promise<string> {
  const target = `${context.folder}/${context.fresh("clean")}.csv`;
  const out = openText(target);
  let held: { line: string; number: number }[] = [];
  const take = (line: string, number: number): void => {
    if (line.trim() === "") return;
    const rows = parse(line);
    if (typeof rows === "string") context.malformed.add(path, number, rows);
    else for (const row of rows ?? []) out.write(`${row.map(quoted).join(",")}\n`);
  };
  // A record may span lines inside quotes; one that never ends must not swallow the file, so its first line is refused.
  const release = (): void => {
    const [first, ...rest] = held;
    held = [];
    if (first) take(first.line, first.number);
    for (const { line, number } of rest) feed(line, number);
  };
  const feed = (line: string, number: number): void => {
    if (!options.join) return take(line, number);
    held.push({ line, number });
    const record = held.map((entry) => entry.line).join("\n");
    if (options.join(record)) {
      const start = held[0]?.number ?? number;
      held = [];
      take(record, start);
    } else if (held.length > 50) release();
  };
  try {
    await forEachLine(
      path,
      (line, number) => {
        if (number > 1 || !options.header) feed(line, number);
      },
      { ...options, signal: context.signal },
    );
    while (held.length > 0) release();
  } finally {
    out.close();
  }
  return target;
}
