import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { problem, throwIfAborted } from "../errors.js";
import { text, type Duck } from "./duck.js";
import type { Decoding } from "./encoding.js";
import { bytes } from "./lines.js";

/** A file that a prepared set was made from, as the manifest names it: without folder, so that sets compare across machines. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const kind = async (path: string): Promise<"file" | "folder" | "none" | "other"> => {
  const found = await stat(path).catch(() => undefined);
  if (!found) return "none";
  return found.isDirectory() ? "folder" : found.isFile() ? "file" : "other";
};

/** The first bytes of a readable file with something in it. */
async function headOf(path: string): Promise<Buffer> {
  const found = await kind(path);
  if (found === "none") throw problem("not-found", "there is no such file", path, "check the path");
  if (found === "folder") throw problem("invalid-input", "this is a folder, not a file", path, "give the file in it");
  if (found === "other") {
    const what = "this is a pipe or a device, not a file";
    throw problem("invalid-input", what, path, "write it to a file first: it is read more than once");
  }
  const handle = await open(path).catch((error: unknown) => {
    throw problem("failed", "the file cannot be opened", path, "check its permissions", error);
  });
  try {
    const head = Buffer.alloc(65_536);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) throw problem("invalid-input", "the file is empty", path, "check how it was made");
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Fails unless `path` is a readable file with something in it; what is in it is for its reader to say. */
export async function checkFile(path: string): Promise<string> {
  await headOf(path);
  return path;
}

/** Like {@link checkFile}, of a text file: gzip by its name, no other archive, and no NUL bytes where UTF-8 has none. */
export async function checkText(path: string, decoding: Decoding): Promise<string> {
  const head = await headOf(path);
  const zipped = head[0] === 0x1f && head[1] === 0x8b;
  if (zipped !== path.endsWith(".gz")) {
    const what = zipped ? "a gzip archive without .gz in its name" : "the name ends in .gz, the contents are no gzip";
    throw problem("invalid-input", what, path, "rename the file");
  }
  if (zipped || decoding.name !== "utf-8" || !head.includes(0)) return path;
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (marked) throw problem("invalid-input", "the file is UTF-16, not UTF-8", path, "name its `encoding`, utf-16");
  throw problem("invalid-input", "the file is binary, not text", path, "check the format and the path");
}

export async function checkFolder(path: string): Promise<string> {
  const found = await kind(path);
  if (found === "none") throw problem("not-found", "there is no such folder", path, "check the path");
  if (found !== "folder")
    throw problem("invalid-input", "this is a file, not a folder", path, "give the folder it is in");
  return path;
}

/** The one file in `folder` that has one of these names (in order of preference), with or without `.gz`. */
export async function findFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  const present = new Set(await readdir(folder));
  const hit = names.flatMap((name) => [name, `${name}.gz`]).find((name) => present.has(name));
  return hit === undefined ? undefined : join(folder, hit);
}

/** Like {@link findFile}, but a missing file is an error that lists the names looked for. */
export async function needFile(folder: string, names: readonly string[]): Promise<string> {
  const found = await findFile(await checkFolder(folder), names);
  if (found === undefined) {
    throw problem("not-found", `there is no ${names.join(" or ")}`, folder, "give the folder that holds it");
  }
  return found;
}

/** All files below a folder with one of the endings. */
async function below(folder: string, endings: readonly string[]): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name));
  const kinds = await Promise.all(paths.map(kind));
  return paths.filter((_, k) => kinds[k] !== "folder");
}

/** Files named by paths, folders (all files below with one of the endings) and globs; sorted, so that order never depends on the disk. */
export async function expand(db: Duck, patterns: readonly string[], endings: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of patterns) {
    const found = await kind(pattern);
    if (found === "file" || found === "other") files.push(pattern);
    else if (found === "none" && !/[*?[]/.test(pattern)) await checkFile(pattern);
    else {
      const hits =
        found === "folder"
          ? await below(pattern, endings)
          : (await db.rows(`SELECT file FROM glob(${text(pattern)})`)).map(([file]) => String(file));
      if (hits.length === 0) throw problem("not-found", "no file matches", pattern, "check the path or the pattern");
      files.push(...hits.sort());
    }
  }
  return files;
}

/** Size and hash of a source; a `.gz` is unpacked on the way, because DuckDB reads a cut-off archive without complaint. */
export async function digest(path: string, signal?: AbortSignal): Promise<SourceFile> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    throwIfAborted(signal);
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  if (path.endsWith(".gz")) {
    const reader = bytes(path, signal);
    while (!(await reader.next()).done);
  }
  return { name: basename(path), bytes: size, sha256: hash.digest("hex") };
}
