import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { GradpoolError, isGradpoolError, type JsonObject } from "@gradpool/core";
import { replaceFile } from "@gradpool/files";

export type StoredArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What a checkpoint holds: JSON and named typed arrays. */
export interface Snapshot {
  readonly json: JsonObject;
  readonly arrays: ReadonlyMap<string, StoredArray>;
}

const magic = Buffer.from("GRADPOOL");
const formatVersion = 1;
const chunk = 1 << 26;
const digestBytes = 32;
const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;
type Kind = keyof typeof kinds;

interface ArrayEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
}

interface Header {
  readonly json: JsonObject;
  readonly arrays: readonly ArrayEntry[];
}

const kindOf = (array: StoredArray): Kind =>
  (Object.keys(kinds) as Kind[]).find((kind) => array instanceof kinds[kind]) as Kind;
const bytesOf = (array: StoredArray): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const padding = (length: number): Buffer => Buffer.alloc((8 - (length % 8)) % 8);

/** A checkpoint as it is on the disk. */
export interface StoredSnapshot extends Snapshot {
  /** Its SHA-256, which ends the file: no other checkpoint has it. */
  readonly digest: string;
}

/**
 * Writes a checkpoint so that `path` holds either what it held before or the whole new one: to a temporary name, flushed
 * to the disk, then renamed. Layout: magic, format version, header length, header (JSON), arrays (little-endian, each
 * padded to 8 bytes), SHA-256 of all before it. Answers with that in hexadecimal.
 */
export function writeSnapshot(path: string, snapshot: Snapshot): string {
  const entries = [...snapshot.arrays];
  const header: Header = {
    json: snapshot.json,
    arrays: entries.map(([name, array]) => ({ name, kind: kindOf(array), length: array.length })),
  };
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(formatVersion, 0);
  lengths.writeUInt32LE(text.length, 4);
  const hash = createHash("sha256");
  let digest: Buffer = Buffer.alloc(0);
  replaceFile(path, "free disk space or choose another folder; the older checkpoint is untouched", (file) => {
    for (const part of [magic, lengths, text, padding(text.length)]) put(file, part, hash);
    for (const [, array] of entries) {
      put(file, bytesOf(array), hash);
      put(file, padding(array.byteLength), hash);
    }
    digest = hash.digest();
    put(file, digest);
  });
  return digest.toString("hex");
}

function put(file: number, bytes: Uint8Array, hash?: Hash): void {
  for (let from = 0; from < bytes.length; from += chunk) {
    const part = bytes.subarray(from, Math.min(bytes.length, from + chunk));
    hash?.update(part);
    let done = 0;
    while (done < part.length) done += writeSync(file, part, done);
  }
}

function damaged(path: string, what: string): GradpoolError {
  return new GradpoolError({
    code: "damaged",
    what: `checkpoint is damaged: ${what}`,
    where: path,
    remedy: "delete it and resume from an older one",
  });
}

/** Reads a checkpoint whole and checks its hash. Errors: `damaged`, `version` (written by a newer release), `not-found`. */
export function readSnapshot(path: string): StoredSnapshot {
  let size: number;
  try {
    size = statSync(path).size;
  } catch (cause) {
    throw new GradpoolError({
      code: "not-found",
      what: "no checkpoint",
      where: path,
      remedy: "start without `resume`",
      cause,
    });
  }
  if (size < 16 + digestBytes) throw damaged(path, `${size} bytes are too few`);
  const file = openSync(path, "r");
  try {
    return readOpen(file, size, path);
  } catch (error) {
    throw isGradpoolError(error) ? error : damaged(path, error instanceof Error ? error.message : String(error));
  } finally {
    closeSync(file);
  }
}

/**
 * The JSON of a checkpoint, without its arrays: quick, however large they are, and not checked by the hash. null: there is none, or none whose
 * beginning can be read; reading it whole says why.
 */
export function readSnapshotJson(path: string): JsonObject | null {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const start = Buffer.alloc(16);
    if (readSync(file, start) < start.length || !start.subarray(0, 8).equals(magic)) return null;
    const text = Buffer.alloc(Math.min(start.readUInt32LE(12), statSync(path).size));
    readSync(file, text, 0, text.length, start.length);
    return (JSON.parse(text.toString()) as Header).json;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readOpen(file: number, size: number, path: string): StoredSnapshot {
  const hash = createHash("sha256");
  const take = (bytes: Uint8Array, digested = true): void => {
    for (let from = 0; from < bytes.length; from += chunk) {
      const part = bytes.subarray(from, Math.min(bytes.length, from + chunk));
      let done = 0;
      while (done < part.length) {
        const read = readSync(file, part, done, part.length - done, null);
        if (read === 0) throw damaged(path, "it ends early");
        done += read;
      }
      if (digested) hash.update(part);
    }
  };
  const start = Buffer.alloc(16);
  take(start);
  if (!start.subarray(0, 8).equals(magic)) throw damaged(path, "it does not begin like a checkpoint");
  const version = start.readUInt32LE(8);
  if (version !== formatVersion) {
    throw new GradpoolError({
      code: "version",
      what: `checkpoint has format version ${version}`,
      where: path,
      remedy: `this release reads version ${formatVersion}: resume with the release that wrote it`,
    });
  }
  const length = start.readUInt32LE(12);
  if (length > size) throw damaged(path, "its header is longer than the file");
  const text = Buffer.alloc(length);
  take(text);
  take(padding(length));
  // The header is used before the hash is known to hold, so its sizes are checked against the file's first.
  const header = JSON.parse(text.toString()) as Header;
  const total = header.arrays.reduce(
    (sum, { kind, length: count }) => {
      const bytes = count * kinds[kind].BYTES_PER_ELEMENT;
      return sum + bytes + padding(bytes).length;
    },
    16 + length + padding(length).length + digestBytes,
  );
  if (total !== size) throw damaged(path, `${size} bytes where its header promises ${total}`);
  const arrays = new Map<string, StoredArray>();
  for (const { name, kind, length: count } of header.arrays) {
    const array = new kinds[kind](count);
    take(bytesOf(array));
    take(padding(array.byteLength));
    arrays.set(name, array);
  }
  const digest = Buffer.alloc(digestBytes);
  take(digest, false);
  if (!digest.equals(hash.digest())) throw damaged(path, "its checksum does not match");
  return { json: header.json, arrays, digest: digest.toString("hex") };
}
