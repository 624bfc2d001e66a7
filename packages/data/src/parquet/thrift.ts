/** What Parquet's headers and footer are made of, in Thrift's compact protocol. */
export interface Thrift {
  readonly type: number;
  readonly bytes: readonly number[];
}

/** Unsigned, seven bits a byte; whole numbers up to 2⁵³. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}

export const i32 = (value: number): Thrift => ({ type: 5, bytes: varint(value * 2) });
export const i64 = (value: number): Thrift => ({ type: 6, bytes: varint(value * 2) });

export function binary(text: string): Thrift {
  const bytes = Buffer.from(text);
  return { type: 8, bytes: [...varint(bytes.length), ...bytes] };
}

export function list(type: number, values: readonly Thrift[]): Thrift {
  const head = values.length < 15 ? [values.length * 16 + type] : [0xf0 + type, ...varint(values.length)];
  return { type: 9, bytes: [...head, ...values.flatMap(({ bytes }) => bytes)] };
}

export const structType = 12;

/** Fields by their numbers, ascending; those that are undefined are left out. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  const bytes: number[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const id = Number(key);
    bytes.push((id - last) * 16 + value.type);
    for (const byte of value.bytes) bytes.push(byte);
    last = id;
  }
  bytes.push(0);
  return { type: structType, bytes };
}
