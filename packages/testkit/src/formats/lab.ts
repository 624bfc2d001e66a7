import { fail } from "../assert.js";
import type { FormatKit, FormatLike, ReportLike } from "./types.js";

/** What a trial of `prepare` is given beside the sample. */
export interface Trial {
  /** The lines of the file; null: there is no file. */
  readonly lines: readonly string[] | null;
  /** What follows the last line. Default: a newline. */
  readonly end?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** What came of it: a report, or an error; and everything in the folder that sets go to, by name. */
export interface Answer {
  readonly report?: ReportLike;
  readonly error?: unknown;
  readonly left: ReadonlyMap<string, Uint8Array>;
}

/** The sample's lines, header included, with others put in before some rows. */
export function linesOf({ sample, rows = 400 }: FormatKit, put: ReadonlyMap<number, string> = new Map()): string[] {
  const lines = [...(sample.header ?? [])];
  for (let k = 0; k < rows; k++) {
    const other = put.get(k);
    if (other !== undefined) lines.push(other);
    lines.push(sample.row(k));
  }
  return lines;
}

/** How many rows a report speaks of. */
export function rowsIn({ sample }: FormatKit, report: ReportLike): number {
  if (sample.rowsOf !== undefined) return sample.rowsOf(report);
  return Object.values(report.behaviors).reduce((sum, { raw }) => sum + raw, 0);
}

/** Prepares files in a folder that is gone afterwards. Node's modules are loaded here, so that the suites of other kinds need none. */
export async function tryFormat(format: FormatLike, kit: FormatKit, trial: Trial): Promise<Answer> {
  const { mkdir, mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { dirname, join } = await import("node:path");
  const { sample } = kit;
  const folder = await mkdtemp(join(tmpdir(), "gradpool-format-"));
  const source = join(folder, "source");
  const sets = join(folder, "sets");
  const file = join(source, sample.file);
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(source, name)), { recursive: true });
    await writeFile(join(source, name), text);
  };
  try {
    await mkdir(source);
    await mkdir(sets);
    for (const [name, text] of Object.entries(sample.beside ?? {})) await write(name, text);
    if (trial.lines !== null) await write(sample.file, trial.lines.join("\n") + (trial.end ?? "\n"));
    const own = sample.options?.(file, source) ?? { input: file };
    const options = { ...own, format, out: join(sets, "set"), ...trial.options };
    try {
      const report = await kit.prepare(options as never, trial.signal === undefined ? {} : { signal: trial.signal });
      return { report, left: await contents(sets) };
    } catch (error) {
      return { error, left: await contents(sets) };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The report of a preparation that must work. */
export function reported(answer: Answer): ReportLike {
  if (answer.report !== undefined) return answer.report;
  const { error } = answer;
  return fail(`prepare failed: ${error instanceof Error ? error.message : String(error)}`);
}

async function contents(folder: string): Promise<Map<string, Uint8Array>> {
  const { readdir, readFile } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const found = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(folder.length + 1), entry.isFile() ? await readFile(path) : new Uint8Array(0));
  }
  return found;
}
