import { GradpoolError } from "@gradpool/core";
import { instantiate } from "../kernels/exports.js";
import { threadedKernels } from "../threads/kernels.js";
import { type List, mostTasks, pointerList, wasmKernels } from "../kernels/wasm.js";
import { webAssembly } from "../kernels/webassembly.js";
import type { Crew } from "../threads/crew.js";
import { alone, teamOf } from "../threads/team.js";
import type { Arena, Region } from "./arena.js";
import { roundUp, viewed } from "./region.js";

/** What one WebAssembly memory can hold: 65,536 pages. */
export const wasmLimit: number = 4 * 1024 ** 3;
const page = 65_536;

/**
 * A WebAssembly memory of at most `limit` bytes that grows as it fills; with a crew, shared memory that its threads work on. Error
 * `invalid-option`: no room for anything.
 */
export function wasmArena(limit: number, crew?: Crew): Arena {
  const pages = Math.min(65_536, Math.floor(limit / page));
  if (pages < 2) throw tooSmall(limit);
  const memory = new webAssembly.Memory({ initial: 1, maximum: pages, shared: crew !== undefined });
  const joined = crew?.join(memory);
  const wasm = joined?.wasm ?? instantiate(memory);
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

  function allocate(bytes: number): Region {
    const size = roundUp(bytes);
    const at = place(size);
    out += size;
    const region = viewed(size, () => memory.buffer, at);
    places.set(region, at);
    return region;
  }

  function free(region: Region): void {
    const at = places.get(region);
    if (at === undefined) return;
    places.delete(region);
    out -= region.bytes;
    spare.push({ at, bytes: region.bytes });
  }

  /** Shared memory that grows gets another buffer, and views of the old one go on to show the same memory. */
  const buffers = new WeakSet<ArrayBufferLike>();
  const owns = (view: ArrayBufferView): boolean => {
    if (crew === undefined) return view.buffer === memory.buffer;
    buffers.add(memory.buffer);
    return buffers.has(view.buffer);
  };

  const own = wasmKernels(wasm, pointerList(memory, pointers));
  const allocator = { allocate, free };
  const team = crew && joined ? teamOf(crew, joined.arena, wasm, allocator) : alone(wasm, allocator);
  // Rounds that wait for others have a list each.
  const list: List = (views) => {
    const at = team.need(4 * views.length);
    return pointerList(memory, at)(views);
  };

  return {
    kernels: crew === undefined ? own : threadedKernels(own, team, list),
    wasm,
    team,
    owns,
    view: (at, length) => new Float32Array(memory.buffer, at, length),
    room: () => pages * page - top,
    allocate,
    free,
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
