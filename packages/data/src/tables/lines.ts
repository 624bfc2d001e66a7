import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Readable } from "node:stream";
import { problem, throwIfAborted } from "../errors.js";
import type { Decoding } from "./encoding.js";

/** A file's bytes, unzipped if its name ends in `.gz`; a damaged or cut-off archive fails with its name. */
export async function* bytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const zipped = path.endsWith(".gz");
  const stream: Readable = zipped ? file.pipe(createGunzip({ chunkSize: 1 << 20 })) : file;
  if (zipped) file.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      throwIfAborted(signal);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (!zipped || !(error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw error;
    const what = `the gzip archive is damaged or cut off (${(error as Error).message})`;
    throw problem("damaged", what, path, "fetch the file again", error);
  } finally {
    file.destroy();
  }
}

/** The longest line that DuckDB takes, in bytes. */
const longestForDuck = 2_000_000;

/**
 * True if all of a file is UTF-8, and no line of it too long for DuckDB, which dies of other bytes in a column that it does not
 * skip (1.5: an internal error, and its database is gone), and takes an endless line into memory, deaf to interruptions. Reads the
 * file once, at the speed of the disk.
 */
export async function isPlain(path: string, signal?: AbortSignal): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of bytes(path, signal)) {
    const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = wholeCharacters(whole);
    if (!isUtf8(whole.subarray(0, end))) return false;
    rest = whole.subarray(end);
    // Pieces are shorter than the longest line, so that it is enough to look for their first and last ends.
    const first = chunk.indexOf("\n");
    if (line + (first < 0 ? chunk.length : first) > longestForDuck) return false;
    line = first < 0 ? line + chunk.length : chunk.length - 1 - chunk.lastIndexOf("\n");
  }
  return isUtf8(rest);
}

/** How much of `bytes` ends with a character: one that is cut waits for the next piece. */
function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  return ((bytes[end - 1] ?? 0) & 0x80) === 0 ? bytes.length : end - 1;
}

/** The longest line or record that is read; a longer one is malformed, and never held in memory. */
export const longestLine: number = 1 << 24;

/** A line as it stands in the file. */
export interface Line {
  /** Without its end; `decoding.text` makes text of it. Undefined if it is longer than {@link longestLine}. */
  readonly raw: string | undefined;
  /** Counted from 1. */
  readonly number: number;
  /** LF, CRLF, CR, or nothing at the end of the file. */
  readonly end: string;
}

const lineEnds = /\r\n|\n|\r/g;

/**
 * Calls `visit` for every line, without a byte order mark. `visit` may return false to stop. Works in constant memory,
 * whatever the file holds, and stops within a chunk of a megabyte when `signal` fires.
 */
export async function forEachLine(
  path: string,
  decoding: Decoding,
  visit: (line: Line) => boolean | void,
  signal?: AbortSignal,
): Promise<void> {
  const stream = decoding.open();
  let rest = "";
  /** The line that `rest` belongs to was too long, and has been told. */
  let told = false;
  let number = 0;
  const emit = (raw: string, end: string): boolean => {
    if (told) {
      told = false;
      return true;
    }
    return visit({ raw: raw.length > longestLine ? undefined : raw, number: ++number, end }) !== false;
  };
  const take = (text: string): boolean => {
    lineEnds.lastIndex = Math.max(0, rest.length - 1);
    const whole = rest + text;
    let start = 0;
    for (let end = lineEnds.exec(whole); end; end = lineEnds.exec(whole)) {
      // The LF of a CRLF may come with the next piece.
      if (end[0] === "\r" && end.index === whole.length - 1) break;
      if (!emit(whole.slice(start, end.index), end[0])) return false;
      start = lineEnds.lastIndex;
    }
    rest = whole.slice(start);
    if (rest.length <= longestLine && !told) return true;
    const goOn = told || emit(rest, "");
    told = true;
    rest = rest.endsWith("\r") ? "\r" : "";
    return goOn;
  };
  for await (const chunk of bytes(path, signal)) if (!take(stream.write(chunk))) return;
  if (!take(stream.end())) return;
  if (rest.endsWith("\r")) emit(rest.slice(0, -1), "\r");
  else if (rest !== "") emit(rest, "");
}
