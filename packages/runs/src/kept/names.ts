/** Many short texts as bytes: what a run keeps its ids in. */
export interface PackedNames {
  readonly bytes: Uint8Array;
  /** One more than there are texts. */
  readonly offsets: Float64Array;
}

export function packNames(names: readonly string[]): PackedNames {
  const parts = names.map((name) => Buffer.from(name));
  const offsets = new Float64Array(names.length + 1);
  parts.forEach((part, k) => (offsets[k + 1] = (offsets[k] as number) + part.length));
  return { bytes: Buffer.concat(parts), offsets };
}

export function unpackNames({ bytes, offsets }: PackedNames): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = offsets.length - 1;
  return Array.from({ length: count }, (_, k) => buffer.toString("utf8", offsets[k], offsets[k + 1]));
}
