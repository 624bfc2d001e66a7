import { problem } from "../errors.js";
import { headerOf, peek, placeOf, readDelimited, type Header, type Layout } from "../tables/delimited.js";
import type { Column } from "../tables/kinds.js";
import { splitRecord } from "../tables/records.js";
import { noColumn } from "./no-column.js";
import { filesOf, type Rows } from "./inputs.js";
import type { Reading } from "./reader.js";

const delimiters = ["\t", ",", ";", "|"] as const;

/** The header under the separator that gives the most of the columns wanted, and then the most columns. */
async function readHeader(
  reading: Reading,
  path: string,
  wanted: readonly Column[],
): Promise<{ readonly header: Header; readonly delimiter: string }> {
  let best: { header: Header; delimiter: string; score: number } | undefined;
  for (const delimiter of delimiters) {
    const [first] = await peek(reading, path, { delimiter }, 1);
    if (!first) throw problem("invalid-input", "there is no header line", path, "check the format");
    if (!first.text.includes(delimiter) && best) continue;
    // A quoted name ends before another separator: under this one it is no record.
    if (splitRecord(first.text, delimiter) === undefined) continue;
    const header = headerOf(first, delimiter, path);
    const hits = wanted.filter(({ name }) => header.names.includes(name)).length;
    const score = hits * 100_000 + header.names.length;
    if (!best || score > best.score) best = { header, delimiter, score };
  }
  if (best === undefined) throw problem("invalid-input", "the header line cannot be read", path, "check its quotes");
  return best;
}

/** Where the columns wanted are in a file; other columns do not matter, whatever they are called. */
async function layoutOf(reading: Reading, path: string, wanted: readonly Column[]): Promise<Layout> {
  const { header, delimiter } = await readHeader(reading, path, wanted);
  const columns = wanted.map((column): Column => {
    const at = placeOf(header, column.name, path);
    if (at === undefined) throw noColumn(column.name, header.names, `${path}:${header.line}`);
    return { ...column, at };
  });
  return { columns, width: header.names.length, delimiter, header: header.line };
}

/** Text files with a header → a table of the columns wanted. */
export async function readCsvRows(reading: Reading, wanted: readonly Column[], { input, table }: Rows): Promise<void> {
  const files = await filesOf(reading, input, [".csv", ".csv.gz", ".tsv", ".tsv.gz"]);
  // Files of one layout are read together.
  const groups = new Map<string, { layout: Layout; files: string[] }>();
  for (const file of files) {
    const layout = await layoutOf(reading, file, wanted);
    const key = JSON.stringify(layout);
    const group = groups.get(key) ?? { layout, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  for (const [k, { layout, files: own }] of [...groups.values()].entries()) {
    await readDelimited(reading, own, layout, { table, select: "*", append: k > 0 });
  }
}
