import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { Transform } from "node:stream";
import { openPromise } from "yauzl";
import type { Entry } from "yauzl";
import { failure, reason } from "./error.js";
import { writeFileFrom } from "./write-file.js";

/** A wheel opened for reading by name. */
export interface Wheel {
  readonly path: string;
  readonly names: readonly string[];
  text(name: string): Promise<string>;
  /** Writes an entry to a file, comparing its sha256 with the wheel's own RECORD. */
  extract(name: string, to: string, signal?: AbortSignal): Promise<void>;
  close(): void;
}

export async function openWheel(path: string): Promise<Wheel> {
  const remedy = "delete it and download it again";
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch((cause: unknown) => {
    throw failure("damaged", `not a readable wheel: ${reason(cause)}`, path, remedy, cause);
  });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined)
      throw failure("damaged", `${name} is not in the wheel`, path, "name another version with --tensorflow");
    return entry;
  };
  const text = async (name: string): Promise<string> =>
    (await buffer(await zip.openReadStreamPromise(find(name)))).toString("utf8");
  const record = [...entries.keys()].find((name) => /^[^/]+\.dist-info\/RECORD$/.test(name));
  const digests = new Map<string, string>();
  if (record !== undefined)
    for (const [, name, digest] of (await text(record)).matchAll(/^"?(.+?)"?,sha256=([\w-]+),\d*\r?$/gm))
      digests.set(name as string, digest as string);
  return {
    path,
    names: [...entries.keys()],
    text,
    async extract(name, to, signal) {
      const hash = createHash("sha256");
      const measure = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      const source = await zip.openReadStreamPromise(find(name));
      try {
        await writeFileFrom(source, measure, to, signal);
      } catch (cause) {
        signal?.throwIfAborted();
        if ((cause as NodeJS.ErrnoException).code === "ENOSPC")
          throw failure("failed", "the disk is full", to, "free some gigabytes", cause);
        throw failure("damaged", `${name} cannot be unpacked: ${reason(cause)}`, path, remedy, cause);
      }
      const expected = digests.get(name);
      if (expected !== undefined && hash.digest("base64url") !== expected)
        throw failure("damaged", `${name} does not have the digest that the wheel's RECORD gives`, path, remedy);
    },
    close: () => zip.close(),
  };
}
