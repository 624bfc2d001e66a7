import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Readable } from "node:stream";
import { problem, throwIfAborted } from "../errors.js";

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

export interface LineOptions {
  readonly encoding?: "utf-8" | "latin1";
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `visit` for every line with its number from 1, without its line end (LF or CRLF) and without a byte order mark.
 * `visit` may return false to stop. Works in constant memory.
 */
export async function forEachLine(
  path: string,
  visit: (line: string, number: number) => boolean | void,
  options: LineOptions = {},
): Promise<void> {
  const decoder = new TextDecoder(options.encoding ?? "utf-8");
  let rest = "";
  let number = 0;
  const end = (line: string): boolean | void => visit(line.endsWith("\r") ? line.slice(0, -1) : line, ++number);
  for await (const chunk of bytes(path, options.signal)) {
    const text = rest + decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let stop = text.indexOf("\n"); stop >= 0; stop = text.indexOf("\n", start)) {
      if (end(text.slice(start, stop)) === false) return;
      start = stop + 1;
    }
    rest = text.slice(start);
  }
  rest += decoder.decode();
  if (rest !== "") end(rest);
}

/** The first `limit` lines that are not blank. */
export async function firstLines(path: string, limit: number, options: LineOptions = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  await forEachLine(
    path,
    (line) => {
      if (line.trim() !== "") lines.push(line);
      return lines.length < limit;
    },
    options,
  );
  return lines;
}

/** The fields of one CSV record, or undefined if a quote is left open or stands where none may. */
export function splitRecord(line: string, delimiter: string): string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let field = "";
      for (;;) {
        const close = line.indexOf('"', at + 1);
        if (close < 0) return undefined;
        field += line.slice(at + 1, close);
        at = close + 1;
        if (line[at] !== '"') break;
        field += '"';
      }
      fields.push(field);
      if (at < line.length && !line.startsWith(delimiter, at)) return undefined;
    } else {
      const stop = line.indexOf(delimiter, at);
      const field = stop < 0 ? line.slice(at) : line.slice(at, stop);
      if (field.includes('"')) return undefined;
      fields.push(field);
      at = stop < 0 ? line.length : stop;
    }
    if (at >= line.length) return fields;
    at += delimiter.length;
    if (at === line.length) return [...fields, ""];
  }
}
