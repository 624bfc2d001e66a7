import { closeSync, openSync } from "node:fs";
import { bytesOf, writeAll } from "./bytes.js";

/** A tensor as PyTorch would call and lay it out. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Writes the format of https://github.com/huggingface/safetensors: the header's length (u64), a header in JSON padded with spaces to
 * 8 bytes, and the tensors row-major and little-endian, one after the other.
 */
export function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): void {
  let at = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const offsets = [at, (at += values.byteLength)];
    return [name, { dtype: "F32", shape, data_offsets: offsets }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const bytes = Buffer.from(json);
  const header = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path, "w");
  try {
    for (const part of [length, header, ...tensors.map(({ values }) => bytesOf(values))]) writeAll(file, part);
  } finally {
    closeSync(file);
  }
}
