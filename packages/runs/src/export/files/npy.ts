import { closeSync, openSync } from "node:fs";
import { bytesOf, writeAll } from "./bytes.js";

/** NumPy's format 1.0: a float32 array in C order. */
export function writeNpy(path: string, shape: readonly number[], values: Float32Array): void {
  write(path, "<f4", shape, bytesOf(values));
}

/** Texts as NumPy's fixed-width unicode, `<U`: UTF-32, padded with zeros. */
export function writeNpyTexts(path: string, texts: readonly string[]): void {
  const points = texts.map((text) => Array.from(text, (letter) => letter.codePointAt(0) as number));
  const width = points.reduce((most, letters) => Math.max(most, letters.length), 1);
  const cells = new Uint32Array(texts.length * width);
  points.forEach((letters, k) => cells.set(letters, k * width));
  write(path, `<U${width}`, [texts.length], new Uint8Array(cells.buffer));
}

function write(path: string, type: string, shape: readonly number[], bytes: Uint8Array): void {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = 10;
  const header = `${text}${" ".repeat((64 - ((start + text.length + 1) % 64)) % 64)}\n`;
  const head = Buffer.alloc(start);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(header.length, 8);
  const file = openSync(path, "w");
  try {
    for (const part of [head, Buffer.from(header, "latin1"), bytes]) writeAll(file, part);
  } finally {
    closeSync(file);
  }
}
