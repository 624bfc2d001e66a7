/*
 * Data formats and `prepare` as the suite sees them: as little as it reads, so that it depends on no package of theirs.
 */

export interface FormatLike {
  readonly name: string;
  /** The options it takes, each with what to give for it. */
  readonly takes: Readonly<Record<string, string | undefined>>;
  readonly describe: string;
}

export interface MalformedLike {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export interface ReportLike {
  readonly behaviors: Readonly<Record<string, { readonly raw: number }>>;
  readonly malformed: number;
  readonly malformedRows: readonly MalformedLike[];
}

/** Files of the format, by the hundred rows. */
export interface FormatSample {
  /** The name of the file that rows go to, in a folder of its own. */
  readonly file: string;
  /** Lines before the first row. */
  readonly header?: readonly string[];
  /** Row k, as a line; rows of one user and item may repeat. */
  row(k: number): string;
  /** Lines that no row can be made of. */
  readonly bad: readonly string[];
  /** Further files of the folder, by name. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What `prepare` is told. Default: `{ input: file }`. */
  options?(file: string, folder: string): Readonly<Record<string, unknown>>;
  /** How many rows of {@link file} a report accounts for as read. Default: the sum of its behaviours' raw counts. */
  rowsOf?(report: ReportLike): number;
}

export interface FormatKit {
  /** `prepare` of `@gradpool/data`. */
  prepare(options: never, hooks?: { readonly signal?: AbortSignal }): Promise<ReportLike>;
  readonly sample: FormatSample;
  /** Rows of the sample; at least 200. Default 400. */
  readonly rows?: number;
}
