import { GradpoolError } from "@gradpool/core";
import { instantiate } from "../kernels/exports.js";
import { mostTasks, wasmKernels } from "../kernels/wasm.js";
import { webAssembly } from "../kernels/webassembly.js";
import type { Arena, Region } from "./arena.js";
import { roundUp, viewed } from "./region.js";

/** What one WebAssembly memory can hold: 65,536 pages. */
export const wasmLimit: number = 4 * 1024 ** 3;
const page = 65_536;

/** A WebAssembly memory of at most `limit` bytes that grows as it fills. Error `invalid-option`: no room for anything. */
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
      const size = roundUp(bytes);
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

function tooSmall(limit: number): GradpoolError {
  return new GradpoolError({
    code: "invalid-option",
    what: `memory.limit is ${limit}`,
    where: "tables",
    remedy: `give ${2 * page} bytes or more`,
  });
}
