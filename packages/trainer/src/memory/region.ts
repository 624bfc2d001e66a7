import type { Region } from "./arena.js";

const alignment = 64;

/** Bytes that a region of this many takes: whole cache lines, one at least. */
export function roundUp(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / alignment) * alignment;
}

/** A region whose views follow its buffer when that moves. */
export function viewed(bytes: number, buffer: () => ArrayBuffer, at: number): Region {
  let seen: ArrayBuffer | undefined;
  let f32 = new Float32Array(0);
  let f64 = new Float64Array(0);
  let i32 = new Int32Array(0);
  let u8 = new Uint8Array(0);
  const refresh = (): void => {
    const now = buffer();
    if (now === seen) return;
    seen = now;
    f32 = new Float32Array(now, at, bytes / 4);
    f64 = new Float64Array(now, at, bytes / 8);
    i32 = new Int32Array(now, at, bytes / 4);
    u8 = new Uint8Array(now, at, bytes);
  };
  return {
    bytes,
    get f32() {
      refresh();
      return f32;
    },
    get f64() {
      refresh();
      return f64;
    },
    get i32() {
      refresh();
      return i32;
    },
    get u8() {
      refresh();
      return u8;
    },
  };
}
