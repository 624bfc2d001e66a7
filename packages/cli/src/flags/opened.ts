import { statSync } from "node:fs";
import { extname } from "node:path";
import { given } from "@gradpool/core";
import { tableFormats } from "@gradpool/data";
import {
  type IdColumns,
  idsIn,
  type NewRow,
  newRowsIn,
  noteOnNegatives,
  openRun,
  type OpenOptions,
  type Side,
  type TrainConfig,
  type TrainedRun,
} from "@gradpool/runs";
import type { Terminal } from "../terminal/terminal.js";
import { usageError } from "../terminal/errors.js";

/** Flags of the commands that open a run. */
export const openedArgs = {
  run: { type: "positional", required: true, description: "folder of the run: --out of gradpool train" },
  backend: {
    type: "string",
    valueHint: "NAME",
    description: "of models with dense layers: auto | node-gpu | node | wasm | cpu (default: the run's)",
  },
  "new-users": {
    type: "string",
    valueHint: "FILE",
    description: "of models that read features: users that the data does not have, a row each with their features",
  },
  "new-items": { type: "string", valueHint: "FILE", description: "the same of items" },
  probabilities: {
    type: "enum",
    options: ["corrected", "sampled"] as ("corrected" | "sampled")[],
    description: "of a set that kept some negatives: as if all had been kept, or as it has them (default: the run's)",
  },
} as const;

/** What {@link openedArgs} say beside the folder. */
interface OpenedFlags {
  readonly backend?: string | undefined;
  readonly "new-users"?: string | undefined;
  readonly "new-items"?: string | undefined;
  readonly columns?: string | undefined;
  readonly probabilities?: TrainConfig["probabilities"] | undefined;
}

/** How the flags have a run opened. */
export async function openAs(flags: OpenedFlags): Promise<OpenOptions> {
  const columns = idColumns(flags.columns);
  const rows = async (file: string | undefined, side: Side): Promise<NewRow[] | undefined> =>
    file === undefined ? undefined : await gathered(newRowsIn(file, side, columns));
  const users = await rows(flags["new-users"], "users");
  const items = await rows(flags["new-items"], "items");
  return given({
    backend: flags.backend as TrainConfig["backend"] | undefined,
    probabilities: flags.probabilities,
    newcomers: users === undefined && items === undefined ? undefined : given({ users, items }),
  });
}

export const columnsArg = {
  type: "string",
  valueHint: "user=…,item=…",
  description: "which columns of the files hold the ids (default user and item)",
} as const;

/** What to say once of a run that was opened: who is new, and what its probabilities are of. */
export function notesOn({ newcomers, data, config }: TrainedRun): readonly string[] {
  const negatives = noteOnNegatives(data.set, config);
  const said = negatives === undefined ? [] : [negatives];
  if (newcomers === undefined) return said;
  const { users, items, unknown } = newcomers;
  const strange = Object.entries(unknown).map(([name, count]) => `a value of ${name} never seen in ${count}`);
  return [...said, [`known by their features: ${users} new users, ${items} new items`, ...strange].join(", ")];
}

/** Opens a run, hands it to `use`, and closes it. */
export async function withRun<T>(
  { run, ...flags }: { readonly run: string } & OpenedFlags,
  terminal: Pick<Terminal, "note">,
  use: (opened: TrainedRun) => Promise<T>,
): Promise<T> {
  const opened = await openRun(run, await openAs(flags));
  for (const line of notesOn(opened)) terminal.note(line);
  try {
    return await use(opened);
  } finally {
    opened.dispose();
  }
}

/**
 * A file's ids, or those written with commas. What the run knows as an id is one, however it is written; a name of a file that is not
 * there is no id: a slip in it must not pass for a new user.
 */
export function idsOf(
  run: TrainedRun,
  text: string,
  side: "users" | "items",
  columns: IdColumns,
): Iterable<string | number> | AsyncIterable<string | number> {
  const found = statSync(text, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) return idsIn(text, side, columns);
  if (run.has(side, text)) return [text];
  if (found !== undefined) throw usageError(`${text} is a folder`, "command line", "give a file, or ids with commas");
  if (fileLike.test(text))
    throw usageError(`there is no file ${text}`, "command line", "give a file, or ids with commas");
  return text.split(",").map((id) => (run.has(side, id) ? id : id.trim()));
}

const fileLike = /\.(csv|tsv|txt|jsonl|parquet)$/i;

export async function gathered<T>(entries: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** `user=a,item=b`. */
export function idColumns(text: string | undefined): IdColumns {
  if (text === undefined) return {};
  const entries = text.split(",").map((part) => part.split("=").map((word) => word.trim()));
  const wrong = entries.find(([name = "", column = ""]) => !["user", "item"].includes(name) || column === "");
  if (wrong === undefined) return Object.fromEntries(entries) as IdColumns;
  throw usageError(`--columns has ${wrong.join("=")}`, "command line", "give user=NAME,item=NAME");
}

/** Checked before anything is computed. */
export function checkOut(out: string): void {
  if (tableFormats.includes(extname(out).toLowerCase())) return;
  throw usageError(`--out is ${out}`, "command line", `give a file that ends in ${tableFormats.join(", ")}`);
}
