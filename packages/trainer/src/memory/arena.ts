import { GradpoolError } from "@gradpool/core";
import type { Kernels } from "../kernels/contract.js";
import { plainKernels } from "../kernels/plain/index.js";
import { instantiate, type WasmExports } from "../kernels/exports.js";
import { mostTasks, wasmKernels } from "../kernels/wasm.js";
import { webAssembly } from "../kernels/webassembly.js";

/**
 * A stretch of memory. Its views are made afresh when the memory has grown (which detaches the old ones): take them from the
 * region each time, do not keep them.
 */
export interface Region {
  readonly bytes: number;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
}

/** Memory with the kernels that work on it. */
export interface Arena {
  readonly kernels: Kernels;
  /** The raw kernels; absent in plain arenas. */
  readonly wasm?: WasmExports;
  /** True for views of this arena's memory. */
  owns(view: ArrayBufferView): boolean;
  /** A view of `length` floats at a byte address of this memory as it is now (wasm arenas only). */
  view(at: number, length: number): Float32Array;
  /** Bytes that can still be had; Infinity for plain arenas. */
  room(): number;
  /** Zeros where never used before. */
  allocate(bytes: number): Region;
  /** Gives a region back for later `allocate`s; its contents are lost. */
  free(region: Region): void;
  /** Bytes handed out. */
  used(): number;
}

/** What one WebAssembly memory can hold: 65,536 pages. */
export const wasmLimit: number = 4 * 1024 ** 3;
const page = 65_536;
const alignment = 64;

export function wasmArena(limit: number): Arena {
  const pages = Math.min(65_536, Math.floor(limit / page));
  if (pages < 2) throw tooSmall(limit);
  const memory = new webAssembly.Memory({ initial: 1, maximum: pages });
  const wasm = instantiate(memory);
  const pointers = roundUp(wasm.heap());
  let top = roundUp(pointers + 4 * mostTasks);
  let out = 0;
  const spare: { at: number; bytes: number }[] = [];
  const places = new WeakMap<Region, number>();

  function place(bytes: number): number {
    const found = spare.findIndex((hole) => hole.bytes >= bytes);
    if (found >= 0) {
      const hole = spare[found] as { at: number; bytes: number };
      const at = hole.at;
      if (hole.bytes === bytes) spare.splice(found, 1);
      else spare[found] = { at: at + bytes, bytes: hole.bytes - bytes };
      return at;
    }
    const at = top;
    const wanted = Math.ceil((at + bytes) / page);
    if (wanted > pages) {
      throw new GradpoolError({
        code: "unsupported",
        what: `${bytes} bytes do not fit a memory of ${pages * page} of which ${top} are taken`,
        where: "tables in WebAssembly memory",
        remedy: 'use smaller batches, a larger memory.limit, or memory: { kernels: "plain" }',
      });
    }
    const held = memory.buffer.byteLength / page;
    if (wanted > held) memory.grow(wanted - held);
    top = at + bytes;
    return at;
  }

  return {
    kernels: wasmKernels(wasm, memory, pointers),
    wasm,
    owns: (view) => view.buffer === memory.buffer,
    view: (at, length) => new Float32Array(memory.buffer, at, length),
    room: () => pages * page - top,
    allocate(bytes) {
      const size = roundUp(Math.max(bytes, alignment));
      const at = place(size);
      out += size;
      const region = viewed(size, () => memory.buffer, at);
      places.set(region, at);
      return region;
    },
    free(region) {
      const at = places.get(region);
      if (at === undefined) return;
      places.delete(region);
      out -= region.bytes;
      spare.push({ at, bytes: region.bytes });
    },
    used: () => out,
  };
}

/** Typed arrays with a buffer each: no limit but the machine's. */
export function plainArena(): Arena {
  let out = 0;
  const buffers = new WeakSet<ArrayBufferLike>();
  const live = new WeakSet<Region>();
  return {
    kernels: plainKernels(),
    owns: (view) => buffers.has(view.buffer),
    // Plain buffers never move, so nobody has to ask.
    view: () => new Float32Array(0),
    room: () => Infinity,
    allocate(bytes) {
      const buffer = new ArrayBuffer(roundUp(Math.max(bytes, alignment)));
      buffers.add(buffer);
      out += buffer.byteLength;
      const region = viewed(buffer.byteLength, () => buffer, 0);
      live.add(region);
      return region;
    },
    free(region) {
      if (live.delete(region)) out -= region.bytes;
    },
    used: () => out,
  };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function viewed(bytes: number, buffer: () => ArrayBuffer, at: number): Region {
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

function tooSmall(limit: number): GradpoolError {
  return new GradpoolError({
    code: "invalid-option",
    what: `memory.limit is ${limit}`,
    where: "tables",
    remedy: `give ${2 * page} bytes or more`,
  });
}
