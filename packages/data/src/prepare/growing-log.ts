import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../errors.js";
import { checkSchema, type Schema } from "../features/schema.js";
import type { ColumnNames } from "../formats/options.js";
import { partitionFile } from "../set/foreign.js";
import { type Growing, growingRows, type OpenedRows, presentIn } from "../set/growing.js";
import { loadPrepared } from "../set/load.js";
import type { PreparedSet } from "../set/prepared-set.js";
import { prepare } from "./prepare.js";

/** `manifest.json` of a folder of logs as people have them, texts and times: what their columns are, as `--schema` of `prepare` says it. */
export interface LogManifest {
  readonly format: "gradpool-log";
  readonly version: 1;
  /** Files or folders of the rows, in this folder. */
  readonly train: string | readonly string[];
  readonly schema: Schema;
}

/** Rows of a partition that stand in one file together, in an order that says nothing. */
const rowsPerFile = 1 << 20;

/**
 * A folder that other programs add partitions to, by what its `manifest.json` says: rows of numbers (`gradpool-rows`), or logs as they are
 * (`gradpool-log`), which are prepared one after the other in folders of `work`, each with the numbers of the one before. Errors: `not-found` without a
 * manifest, `invalid-input` for one that says something else.
 */
export async function growing(folder: string, work: string): Promise<Growing> {
  const written = await readFile(join(folder, "manifest.json"), "utf8").catch(() => "");
  return /"gradpool-log"/.test(written) ? growingLog(folder, work, written) : growingRows(folder);
}

async function growingLog(folder: string, work: string, written: string): Promise<Growing> {
  const where = join(folder, "manifest.json");
  const { train, schema } = checkLog(JSON.parse(written) as LogManifest, where);
  const columns = checkSchema(schema, where) as ColumnNames;
  const labels = (schema.label ?? []).map((label) => label.replace(/(.)@.*$/s, "$1").trim());
  return {
    folder,
    manifest: { train, schema },
    labels,
    numerical: Object.values(schema.features ?? {}).some(({ type }) => type === "number"),
    partitions: () => presentIn(folder, train),
    async open(partition, { place, after }) {
      const out = join(work, place);
      if ((await stat(join(out, "manifest.json")).catch(() => undefined)) === undefined) {
        const { rows, bytes } = await partitionFile(folder, partition);
        if (rows === 0) return { set: null, named: null, rows, bytes };
        const input = join(folder, partition);
        const asked = { input, columns, target: labels[0] as string, split: "random:1,0,0", rowsPerFile, out };
        await prepare({ format: "parquet", ...asked, ...(after !== null && { after }) });
      }
      return opened(out);
    },
  };
}

async function opened(out: string): Promise<OpenedRows> {
  const { social: _, categories: __, ...set } = await loadPrepared(out, { rows: "stream" });
  const bare: PreparedSet = { ...set, behaviors: {}, counts: {}, itemPairs: {} };
  const [source] = set.manifest?.sources ?? [];
  return { set: bare, named: out, rows: set.impressions?.streamed?.rows.train ?? 0, bytes: source?.bytes ?? 0 };
}

function checkLog(held: LogManifest, where: string): LogManifest {
  const refuse = (what: string, remedy: string): Error => problem("invalid-input", what, where, remedy);
  if (held.version !== 1)
    throw problem("version", `the manifest has version ${String(held.version)}, not 1`, where, "update @gradpool/data");
  if (held.train === undefined) throw refuse("it names no rows", 'add "train": "FOLDER"');
  const { label = [], users, items, behavior } = held.schema ?? {};
  if (label.length === 0) throw refuse("its schema names no labels", 'add "label": ["click"]');
  if ((users ?? items ?? behavior) === undefined) return held;
  throw refuse("rows that are followed have labels, and no files beside them", "leave users, items and behavior out");
}
