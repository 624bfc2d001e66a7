import type { ListValues, OutColumn, TableChunk, ValuesOf, WordValues } from "../columns/chunks.js";
import { wordValues } from "../columns/words.js";

/** The cells of a column in a row group: which are there, and theirs, plain or as places in a dictionary. */
export interface GroupValues {
  /** Rows that have a value, by row; undefined where all do. */
  readonly there?: Uint8Array;
  readonly values:
    Uint8Array | { readonly dictionary: Uint8Array; readonly entries: number; readonly codes: Int32Array };
}

/** A column of the chunks of a row group. */
export function groupValues(type: OutColumn["type"], chunks: readonly TableChunk[], at: number): GroupValues {
  const values = chunks.map(({ columns }) => columns[at]);
  if (type === "VARCHAR") return words((values as ValuesOf["VARCHAR"][]).map(wordValues));
  if (type === "BOOLEAN") return { values: packedBits(values as Uint8Array[]) };
  if (type === "FLOAT[]") return { values: bytesOf((values as ListValues[]).map((list) => list.values)) };
  return numbers(values as (Int32Array | Float32Array | Float64Array)[]);
}

/** As they are in memory, which on every machine that runs this is the order that Parquet wants. */
function bytesOf(arrays: readonly (Int32Array | Float32Array | Float64Array)[]): Uint8Array {
  const out = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return out;
}

function numbers(arrays: readonly (Int32Array | Float32Array | Float64Array)[]): GroupValues {
  if (arrays[0] instanceof Int32Array) return whole(arrays as readonly Int32Array[]);
  if (arrays.every((array) => array.every(Number.isFinite))) return { values: bytesOf(arrays) };
  const there = Uint8Array.from(
    arrays.flatMap((array) => Array.from(array, (value) => Number(Number.isFinite(value)))),
  );
  return { there, values: bytesOf(arrays.map((array) => array.filter(Number.isFinite))) };
}

/** Numbers of a small range, such as ranks, by a dictionary of it. */
function whole(arrays: readonly Int32Array[]): GroupValues {
  const plain = bytesOf(arrays);
  const values = new Int32Array(plain.buffer, plain.byteOffset, plain.length / 4);
  let [least, most] = [values[0] ?? 0, values[0] ?? 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const entries = most - least + 1;
  if (entries * 4 > values.length) return { values: plain };
  const dictionary = bytesOf([Int32Array.from({ length: entries }, (_, k) => least + k)]);
  return { values: { dictionary, entries, codes: values.map((value) => value - least) } };
}

function packedBits(arrays: readonly Uint8Array[]): Uint8Array {
  const bits = Buffer.concat(arrays);
  const out = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, k) => {
    out[k >> 3] = (out[k >> 3] as number) | (Number(bit !== 0) << (k & 7));
  });
  return out;
}

/** A dictionary of the words that stand in the group, in the order in which they come; where they hardly recur, all in a row. */
function words(parts: readonly WordValues[]): GroupValues {
  const there = new Uint8Array(parts.reduce((sum, { codes }) => sum + codes.length, 0));
  const places = new Int32Array(there.length);
  const used = new Map<string, number>();
  let own = new Int32Array(0);
  let [row, count] = [0, 0];
  for (const [k, { words, codes }] of parts.entries()) {
    // A catalogue's ids are looked up once, however many chunks name them.
    if (words !== parts[k - 1]?.words) own = new Int32Array(words.length).fill(-1);
    for (let at = 0; at < codes.length; at++, row++) {
      const code = codes[at] as number;
      if (code < 0) continue;
      if ((own[code] as number) < 0) own[code] = placeOf(used, words[code] as string);
      there[row] = 1;
      places[count++] = own[code] as number;
    }
  }
  const codes = places.subarray(0, count);
  const list = [...used.keys()];
  const values =
    list.length * 2 > count
      ? plainWords(Array.from(codes, (place) => list[place] as string))
      : { dictionary: plainWords(list), entries: list.length, codes };
  return count < row ? { there, values } : { values };
}

function placeOf(used: Map<string, number>, word: string): number {
  const held = used.get(word);
  if (held !== undefined) return held;
  used.set(word, used.size);
  return used.size - 1;
}

/** Each with its length before it. */
function plainWords(words: readonly string[]): Uint8Array {
  const out = Buffer.allocUnsafe(words.reduce((sum, word) => sum + 4 + 3 * word.length, 0));
  let at = 0;
  for (const word of words) {
    const length = out.write(word, at + 4);
    out.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return out.subarray(0, at);
}
