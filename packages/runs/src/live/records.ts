import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78). */
const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 0 ? c >>> 1 : (c >>> 1) ^ 0x82f63b78;
  return c >>> 0;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** What TFRecord files hold in a checksum's place: turned by 15 bits, plus a constant, modulo 2³². */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** A TFRecord: length (uint64), checksum of the length, the bytes, their checksum; little-endian. */
export function tfRecord(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length), 0);
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(bytes), 0);
  return Buffer.concat([head, bytes, tail]);
}

/** A new file of records, written in pieces as they come. */
export interface RecordFile {
  append(bytes: Uint8Array): void;
  /** What has been appended is in the file once this answers. */
  flush(): void;
  close(): void;
}

export function recordFile(path: string): RecordFile {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "wx");
  let waiting: Buffer[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const all = Buffer.concat(waiting);
    waiting = [];
    for (let done = 0; done < all.length;) done += writeSync(file, all, done);
  };
  return {
    append: (bytes) => void waiting.push(tfRecord(bytes)),
    flush,
    close() {
      flush();
      closeSync(file);
    },
  };
}
