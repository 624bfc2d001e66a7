import { open } from "node:fs/promises";
import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Streams `source` through `measure` into a file. Settles only when the file's handle is closed, whatever broke off: a stream that
 * opens its file by itself may still do so after the pipeline has failed, and then a file appears in a folder that is being removed.
 */
export async function writeFileFrom(
  source: Readable,
  measure: Transform,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let failed: unknown;
  source.once("error", (error) => (failed = error));
  const handle = await open(path, "w").catch((error: unknown) => {
    source.destroy();
    throw error;
  });
  try {
    if (failed !== undefined) throw failed;
    const target = handle.createWriteStream();
    await pipeline(source, measure, target, ...(signal === undefined ? [] : [{ signal }]));
  } finally {
    await handle.close();
  }
}
