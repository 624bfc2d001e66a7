import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodingOf, textOf } from "./encoding.js";
import { forEachLine } from "./lines.js";
import { checkText } from "./sources.js";
import { openText } from "./text-file.js";

/**
 * A text file's first lines as a file of their own, in UTF-8, and what removes it. A record whose quotes go over several lines is not cut, unless
 * its end is as far away again.
 */
export async function firstLines(
  path: string,
  lines: number,
  encoding: string | undefined,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const decoding = decodingOf(encoding);
  await checkText(path, decoding);
  const folder = await mkdtemp(join(tmpdir(), "gradpool-head-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const file = { path: join(folder, "head.csv"), remove };
  try {
    const out = openText(file.path);
    try {
      let quotes = 0;
      await forEachLine(path, decoding, ({ raw = "", number }) => {
        const line = textOf(decoding, raw, path, number);
        out.write(`${line}\n`);
        quotes += line.split('"').length - 1;
        return number < lines || (quotes % 2 === 1 && number < 2 * lines);
      });
    } finally {
      out.close();
    }
    return file;
  } catch (error) {
    await remove();
    throw error;
  }
}
