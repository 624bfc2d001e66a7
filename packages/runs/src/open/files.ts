import { isTable, type OutColumn, readTable, type TableRow } from "@gradpool/data";
import type { Id, InputRow, NewRow, Pair, Prediction, Side, SimilarItems, TrainedRun } from "./contract.js";
import { problem } from "./errors.js";

/** Which column of a file holds the users and items; by default `user` and `item`. */
export interface IdColumns {
  readonly user?: string;
  readonly item?: string;
}

const word = { users: "user", items: "item" } as const;

function columnIn(side: Side, row: TableRow, columns: IdColumns, file: string): string {
  const name = columns[word[side]] ?? word[side];
  if (name in row) return name;
  const held = Object.keys(row).join(", ");
  throw problem(
    "invalid-input",
    `there is no column ${name}`,
    file,
    `say with \`columns\` which holds the ${side}: ${held}`,
  );
}

/** The ids in a file: a line each, or the column of a table. */
export async function* idsIn(file: string, side: Side, columns: IdColumns = {}): AsyncGenerator<Id> {
  let column: string | undefined;
  for await (const row of readTable(file)) {
    const named = columns[word[side]] !== undefined && isTable(file);
    const only = !named && Object.keys(row).length === 1 ? Object.keys(row)[0] : undefined;
    column ??= only ?? columnIn(side, row, columns, file);
    const id = row[column];
    if (id !== null && id !== undefined) yield id;
  }
}

/** The rows of a table of new users (or items), with their ids and all columns as they are: see `OpenOptions.newcomers`. */
export async function* newRowsIn(file: string, side: Side, columns: IdColumns = {}): AsyncGenerator<NewRow> {
  let column: string | undefined;
  requireTable(file);
  for await (const row of readTable(file)) {
    column ??= columnIn(side, row, columns, file);
    yield { ...row, id: row[column] ?? "" };
  }
}

/** A list has no columns: read as a table, every row would be of a new user and item, without features. */
function requireTable(file: string): void {
  if (isTable(file)) return;
  const remedy = "give a file that ends in .parquet, .csv, .tsv or .jsonl, text also with .gz";
  throw problem("usage", "its name is not that of a table", file, remedy);
}

/**
 * The rows of a table with their user and item, all other columns as they are. Sides in `needless`, of whose ids the model makes
 * nothing, need no column.
 */
export async function* rowsIn(
  file: string,
  columns: IdColumns = {},
  needless: readonly ("user" | "item")[] = [],
): AsyncGenerator<InputRow> {
  let names: { readonly user: string; readonly item: string } | undefined;
  requireTable(file);
  for await (const row of readTable(file)) {
    names ??= namesIn(row, columns, file, needless);
    yield inputRow(row, names);
  }
}

/** The columns of users and items; where a model makes nothing of the ids of a side, they need not be there. */
const namesIn = (
  row: TableRow,
  columns: IdColumns,
  file: string,
  needless: readonly ("user" | "item")[] = [],
): { readonly user: string; readonly item: string } => ({
  user: needless.includes("user") ? "user" : columnIn("users", row, columns, file),
  item: needless.includes("item") ? "item" : columnIn("items", row, columns, file),
});

const inputRow = (row: TableRow, names: { readonly user: string; readonly item: string }): InputRow => ({
  ...row,
  user: row[names.user] ?? "",
  item: row[names.item] ?? "",
});

/** The pairs of a table. */
export async function pairsIn(file: string, columns: IdColumns = {}): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const { user, item } of rowsIn(file, columns)) pairs.push({ user, item });
  return pairs;
}

export const recommendationColumns: readonly OutColumn[] = [
  { name: "user", type: "VARCHAR" },
  { name: "rank", type: "INTEGER" },
  { name: "item", type: "VARCHAR" },
  { name: "score", type: "FLOAT" },
  { name: "known", type: "BOOLEAN" },
];

export const similarColumns: readonly OutColumn[] = [
  { name: "item", type: "VARCHAR" },
  { name: "rank", type: "INTEGER" },
  { name: "similar", type: "VARCHAR" },
  { name: "score", type: "FLOAT" },
];

export function* similarRows(lists: Iterable<SimilarItems>): Generator<readonly (string | number | null)[]> {
  for (const { item, items } of lists) {
    for (const [at, { item: other, score }] of items.entries()) yield [item, at + 1, other, score];
  }
}

/** A file's rows with every task's probability beside, as a table to write. */
export interface PredictedTable {
  /** The input's columns, and one a task, `p_<task>` where the input has a column of that name. */
  readonly columns: readonly OutColumn[];
  readonly rows: AsyncGenerator<readonly (string | number | null)[]>;
}

/** `tell` hears of each row what it names that the run has not seen. */
export async function predictedTable(
  run: TrainedRun,
  file: string,
  columns: IdColumns,
  tell: (unknown: Prediction["unknown"]) => void,
): Promise<PredictedTable> {
  const input = await columnsOf(file);
  const tasks = run.tasks.map((task) => ({ name: input.includes(task) ? `p_${task}` : task, type: "DOUBLE" }) as const);
  return {
    columns: [...input.map((name) => ({ name, type: "VARCHAR" }) as const), ...tasks],
    rows: predictedRows(run, file, input, columns, tell),
  };
}

async function columnsOf(file: string): Promise<readonly string[]> {
  requireTable(file);
  for await (const row of readTable(file)) return Object.keys(row);
  throw problem("invalid-input", "there are no rows", file, "give a table of rows to predict");
}

async function* predictedRows(
  run: TrainedRun,
  file: string,
  input: readonly string[],
  columns: IdColumns,
  tell: (unknown: Prediction["unknown"]) => void,
): AsyncGenerator<readonly (string | number | null)[]> {
  const waiting: TableRow[] = [];
  const { anonymous } = run.data.set.impressions ?? {};
  let names: { readonly user: string; readonly item: string } | undefined;
  async function* passing(): AsyncGenerator<InputRow> {
    for await (const row of readTable(file)) {
      names ??= namesIn(row, columns, file, anonymous);
      waiting.push(row);
      yield inputRow(row, names);
    }
  }
  for await (const { values, unknown } of run.predictEach(passing())) {
    const row = waiting.shift() as TableRow;
    tell(unknown);
    yield [...input.map((name) => row[name] ?? null), ...run.tasks.map((task) => values[task] ?? null)];
  }
}
