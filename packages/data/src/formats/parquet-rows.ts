import { problem } from "../errors.js";
import { globOf, list, name, text } from "../tables/duck.js";
import { badOf, selectOf, type Column } from "../tables/kinds.js";
import { logMalformed } from "../tables/load-lines.js";
import { isNested, typedRuleOf } from "../tables/typed-kinds.js";
import { checkFile } from "../tables/sources.js";
import { noColumn } from "./no-column.js";
import { filesOf, type Rows } from "./inputs.js";
import type { Reading } from "./reader.js";

/** A column of the files: as they call it, as DuckDB does (which tells apart what differs in case only), and its type. */
interface Present {
  readonly called: string;
  readonly as: string;
  readonly type: string;
}

/** Files that have the same columns of the same types, in the same order. */
interface Group {
  readonly files: readonly string[];
  readonly columns: readonly Present[];
}

/** Hive-style folders (behavior=buy/…) become columns behind the file's own. */
const reader = (files: readonly string[]): string =>
  `read_parquet(${list(files.map(globOf))}, hive_partitioning=true, filename='file path', file_row_number=true)`;

async function groupsOf({ db }: Reading, files: readonly string[]): Promise<readonly Group[]> {
  const schemas =
    await db.rows(`SELECT file_name, to_json(list({'name': name, 'children': coalesce(num_children, 0), 'type': type, 'converted': converted_type, 'logical': logical_type}))
    FROM parquet_schema(${list(files.map(globOf))}) GROUP BY file_name`);
  const bySchema = new Map<string, string[]>();
  for (const [file, schema] of schemas) {
    const key = String(schema);
    bySchema.set(key, [...(bySchema.get(key) ?? []), String(file)]);
  }
  const groups: Group[] = [];
  for (const [schema, own] of bySchema) {
    const names = topLevel(JSON.parse(schema) as readonly Node[]);
    const described = await db.rows(
      `DESCRIBE SELECT * EXCLUDE ("file path", file_row_number) FROM ${reader(own.sort())}`,
    );
    const columns = described.map(([as, type], k) => ({
      called: names[k] ?? String(as),
      as: String(as),
      type: String(type),
    }));
    groups.push({ files: own, columns });
  }
  return groups.sort((a, b) => ((a.files[0] ?? "") < (b.files[0] ?? "") ? -1 : 1));
}

interface Node {
  readonly name: string;
  readonly children: number;
}

/** The names of a schema's columns, without what is inside of them. The first node is the root. */
function topLevel([, ...nodes]: readonly Node[]): readonly string[] {
  const names: string[] = [];
  let at = 0;
  const skip = (): void => {
    let { children } = nodes[at++] as Node;
    while (children-- > 0) skip();
  };
  while (at < nodes.length) {
    names.push((nodes[at] as Node).name);
    skip();
  }
  return names;
}

function find(group: Group, column: string): Present | undefined {
  const found = group.columns.filter(({ called }) => called === column);
  if (found.length > 1)
    throw problem("invalid-input", `two columns are called "${column}"`, group.files[0] ?? "", "rename one of them");
  return found[0];
}

const nested = ({ called, type }: Present, { files: [file = ""] }: Group) =>
  problem(
    "invalid-input",
    `"${called}" holds several values a row (${type})`,
    file,
    "give columns of one value a row, or unnest it first",
  );

/** The rows of a group in SQL, those that are malformed noted down and left out. */
async function rowsOf(reading: Reading, group: Group, wanted: readonly Column[]): Promise<string> {
  const source = reader(group.files);
  const rules = wanted.map((column) => {
    const present = find(group, column.name);
    if (present === undefined) return typedRuleOf(column, "NULL", "VARCHAR");
    const { as, type } = present;
    // A list of values is the text that its separator makes of it.
    if (column.joined !== undefined && type.endsWith("[]"))
      return typedRuleOf(column, `array_to_string(${name(as)}, ${text(column.joined)})`, "VARCHAR");
    if (isNested(type)) throw nested(present, group);
    return typedRuleOf(column, name(as), type);
  });
  const cells = `(SELECT *, "file path" AS file, file_row_number + 1 AS line FROM ${source})`;
  await logMalformed(reading, cells, rules, (file) => file);
  return `SELECT ${selectOf(rules)} FROM ${source} WHERE NOT (${badOf(rules)})`;
}

/** Parquet files → a view of the columns wanted: they are read column by column where they stand, as often as it takes, and copied nowhere. */
export async function readParquetRows(
  reading: Reading,
  wanted: readonly Column[],
  { input, table }: Rows,
): Promise<void> {
  const { db, malformed } = reading;
  const files = await filesOf(reading, input, [".parquet"]);
  for (const file of files) reading.source(await checkFile(file));
  reading.progress("read", `${files.length} files`);
  const groups = await groupsOf(reading, files);
  // A column missing from some files is empty there; one that is in none is not there.
  for (const { name: column } of wanted) {
    if (groups.every((group) => find(group, column) === undefined)) {
      throw noColumn(column, groups[0]?.columns.map(({ called }) => called) ?? [], files[0] ?? "");
    }
  }
  const queries: string[] = [];
  for (const group of groups) queries.push(await rowsOf(reading, group, wanted));
  await db.run(`CREATE VIEW ${name(table)} AS ${queries.join(" UNION ALL BY NAME ")}`);
  malformed.read(await db.number(`SELECT count(*) FROM ${name(table)}`));
}
