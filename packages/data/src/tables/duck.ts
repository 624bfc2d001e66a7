import type { DuckDBConnection, DuckDBListVector } from "@duckdb/node-api";
import { given, isGradpoolError } from "@gradpool/core";
import { problem, throwIfAborted } from "../errors.js";

/** One DuckDB database on disk, one connection, one statement at a time. */
export interface Duck {
  run(sql: string): Promise<void>;
  /** The rows of a small result, as arrays of plain values. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** The first value of the first row, as a number. */
  number(sql: string): Promise<number>;
  /** Hands the result over column by column, chunk by chunk. */
  columns(sql: string, visit: (chunk: ColumnChunk) => void): Promise<void>;
  /** The same for who asks for the next chunk when it is done with the last one. */
  chunks(sql: string): AsyncGenerator<ColumnChunk>;
  close(): void;
}

/** A piece of a result: `get(column, row)` reads one value without making an object of the row. */
export interface ColumnChunk {
  readonly rows: number;
  get(column: number, row: number): unknown;
  /** A column of numbers as it lies in memory; at a NULL stands anything. */
  numbers(column: number): NumberArray;
  /** A column of lists of numbers: row r has `count(r)` of `values`, from `from(r)` on. */
  lists(column: number): {
    readonly values: NumberArray;
    from(row: number): number;
    count(row: number): number;
  };
}

/** How DuckDB hands out numbers: as their type has them. */
export type NumberArray = Int32Array | Uint8Array | Float32Array | Float64Array | BigInt64Array;

export interface DuckOptions {
  readonly path?: string;
  readonly threads?: number;
  readonly memory?: string;
  readonly spill?: string;
  readonly signal?: AbortSignal | undefined;
  /** Percentage done of the running statement, where DuckDB knows it. */
  readonly onProgress?: ((percentage: number) => void) | undefined;
}

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const name = (value: string): string => `"${value.replaceAll('"', '""')}"`;
/** A path for a function that takes globs: brackets, asterisks and question marks in it mean themselves. */
export const globOf = (path: string): string => path.replaceAll(/[[*?]/g, "[$&]");
/** One Parquet file in SQL, by its path. */
export const parquetAt = (path: string): string => `read_parquet(${text(globOf(path))})`;
export const list = (values: readonly string[]): string => `[${values.map(text).join(", ")}]`;

/** DuckDB's many messages, told as the few things a user can do something about. */
function explain(error: unknown, memory: string): unknown {
  if (isGradpoolError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split("\n")[0] ?? message;
  if (/interrupt/i.test(line)) {
    return problem(
      "interrupted",
      "preparation was interrupted",
      "prepare",
      "nothing was written; start it again",
      error,
    );
  }
  if (/out of memory/i.test(line) && !/disk|temp_directory/i.test(message)) {
    return problem("failed", "the work does not fit into memory", `memory ${memory}`, "give more memory", error);
  }
  if (/no space left|could not write|failed to write|file too large|max_temp_directory_size|disk/i.test(message)) {
    return problem("failed", "the disk is full", line, "free some space, or choose another disk for `out`", error);
  }
  if (/parquet/i.test(line)) {
    return problem("damaged", "a Parquet file cannot be read", line, "check the file, or write it again", error);
  }
  return problem("failed", "DuckDB could not go on", line, "check the input; the cause of this error says more", error);
}

export async function openDuck(options: DuckOptions = {}): Promise<Duck> {
  const { path = ":memory:", threads = 2, memory = "2GB", spill, signal, onProgress } = options;
  // Loading it takes as long as all else that a command loads: who opens no database does not wait for it.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(path, {
    threads: String(threads),
    memory_limit: memory,
    // Everything needed is linked in; never ask the network for more.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "false",
    ...given({ temp_directory: spill }),
  });
  const connection: DuckDBConnection = await instance.connect();
  // A database on disk is a place to work in, gone when the work is done: nothing is put in order in it at the end.
  await connection.run("SET TimeZone = 'UTC'; PRAGMA disable_checkpoint_on_shutdown");
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt);

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    const timer = onProgress ? setInterval(() => onProgress(connection.progress.percentage), 500) : undefined;
    try {
      return await work();
    } catch (error) {
      throwIfAborted(signal);
      throw explain(error, memory);
    } finally {
      clearInterval(timer);
    }
  }
  const rows = (sql: string): Promise<readonly (readonly unknown[])[]> =>
    guarded(async () => (await connection.runAndReadAll(sql)).getRowsJS());
  return {
    run: (sql) => guarded(async () => void (await connection.run(sql))),
    rows,
    number: async (sql) => Number((await rows(sql))[0]?.[0] ?? 0),
    columns: (sql, visit) =>
      guarded(async () => {
        for await (const chunk of stream(connection, sql)) visit(chunk);
      }),
    async *chunks(sql) {
      try {
        yield* stream(connection, sql);
      } catch (error) {
        throw explain(error, memory);
      }
    },
    close() {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function* stream(connection: DuckDBConnection, sql: string): AsyncGenerator<ColumnChunk> {
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const { rowCount, columnCount } = chunk;
    const vectors = Array.from({ length: columnCount }, (_, column) => chunk?.getColumnVector(column));
    yield {
      rows: rowCount,
      get: (column, row) => vectors[column]?.getItem(row),
      numbers: (column) => itemsOf(vectors[column]),
      lists(column) {
        const vector = vectors[column] as DuckDBListVector;
        const values = itemsOf(vector.childVector);
        return { values, from: (row) => vector.getEntryOffset(row), count: (row) => vector.getEntryLength(row) };
      },
    };
  }
}

/** What a vector's accessors read: its own array, which the driver's types do not show. */
const itemsOf = (vector: unknown): NumberArray => (vector as { readonly items: NumberArray }).items;
