import { plainKernels } from "../kernels/plain/index.js";
import type { Arena, Region } from "./arena.js";
import { roundUp, viewed } from "./region.js";

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
      const buffer = new ArrayBuffer(roundUp(bytes));
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
