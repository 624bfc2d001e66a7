import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { fileURLToPath } from "node:url";
import { failure, reason } from "./error.js";
import { fetchOk, publicUrl } from "./http.js";
import type { IndexFile } from "./wheel.js";
import { writeFileFrom } from "./write-file.js";

/** Bytes so far, and in all where the server says. */
export type Progress = (received: number, total: number | undefined) => void;

/** Fetches a wheel to `path` and compares its sha256 with the index's; returns the digest of what was written. */
export async function download(
  file: IndexFile,
  path: string,
  onProgress: Progress,
  signal?: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    let source: Readable;
    let total: number | undefined;
    if (file.url.startsWith("file:")) {
      total = statSync(fileURLToPath(file.url)).size;
      source = createReadStream(fileURLToPath(file.url));
    } else {
      const response = await fetchOk(file.url, {}, signal);
      const length = response.headers.get("content-length");
      total = length === null ? file.size : Number(length);
      source = Readable.fromWeb(response.body as ReadableStream);
    }
    const hash = createHash("sha256");
    let received = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        received += chunk.length;
        onProgress(received, total);
        done(null, chunk);
      },
    });
    try {
      await writeFileFrom(source, measure, path, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOSPC") throw failure("failed", "the disk is full", path, "free some gigabytes", error);
      if (attempt >= 3)
        throw failure("failed", `the download broke off: ${reason(error)}`, publicUrl(file.url), "try again", error);
      continue;
    }
    const digest = hash.digest("hex");
    if (file.sha256 !== undefined && file.sha256 !== digest)
      throw failure(
        "damaged",
        `sha256 is ${digest}, the index says ${file.sha256}`,
        file.filename,
        "try again; if it stays, the index or a proxy alters the file",
      );
    return digest;
  }
}
