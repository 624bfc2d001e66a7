import type { Writable } from "node:stream";
import { errorText } from "./errors.js";
import { createProgress, type Progress, type ProgressOptions } from "./progress.js";

export interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** Where a command writes. Results go to stdout, everything else to stderr. */
export interface Terminal extends Streams {
  /** `--json` was given. */
  readonly json: boolean;
  /** `--debug` was given. */
  readonly debug: boolean;
  /** The result: one JSON document with `--json`, else what `human` makes of it. Call it once. */
  result<T>(document: T, human: (document: T) => string): void;
  /** Writes to stdout as it is. */
  write(text: string): void;
  /** A line on stderr. */
  note(line: string): void;
  /** An error line on stderr, for commands that go on after one. */
  error(error: unknown): void;
  /** A bar on a terminal, a plain line every few seconds otherwise; nothing for what takes under two seconds. */
  progress(options: ProgressOptions): Progress;
}

export function createTerminal(streams: Streams, flags: { readonly json: boolean; readonly debug: boolean }): Terminal {
  const { stdout, stderr } = streams;
  const line = (stream: Writable, text: string): void => {
    stream.write(text.endsWith("\n") ? text : `${text}\n`);
  };
  return {
    ...streams,
    ...flags,
    result: (document, human) => line(stdout, flags.json ? JSON.stringify(document, null, 2) : human(document)),
    write: (text) => line(stdout, text),
    note: (text) => line(stderr, text),
    error: (error) => line(stderr, errorText(error, flags.debug)),
    progress: (options) => createProgress(stderr, options),
  };
}
