/** Protocol buffers, as far as ONNX needs them: https://protobuf.dev/programming-guides/encoding. */
export type Field = readonly [number: number, value: Uint8Array | string | number | readonly number[] | undefined];

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const lengthTyped = (field: number, bytes: Uint8Array): Uint8Array[] => [
  Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]),
  bytes,
];

/** A message: texts and bytes as they are, whole numbers as varints, lists of them packed; undefined is left out. */
export function message(...fields: readonly Field[]): Uint8Array {
  const parts = fields.flatMap(([field, value]): Uint8Array[] => {
    if (value === undefined) return [];
    if (typeof value === "number") return [Uint8Array.from([...varint(field << 3), ...varint(value)])];
    if (typeof value === "string") return lengthTyped(field, Buffer.from(value));
    return lengthTyped(field, value instanceof Uint8Array ? value : Uint8Array.from(value.flatMap((n) => varint(n))));
  });
  return Buffer.concat(parts);
}
