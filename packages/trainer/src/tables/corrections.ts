import type { Corrections } from "../kernels/contract.js";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

/** Adam's corrections by a counter's number, as far as a run has come. */
export interface HeldCorrections {
  /** Views: of this moment. */
  readonly held: Corrections;
  /** Makes those of counters up to `step`: a few a step, none once float32 cannot tell them from 1. */
  advance(step: number): void;
}

export function correctionsOf(
  arena: Arena,
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): HeldCorrections {
  const sizes = scratch(arena);
  const roots = scratch(arena);
  let last = 0;
  let settled = false;
  return {
    get held() {
      return { sizes: sizes.region.f32, roots: roots.region.f32, last };
    },
    advance(step) {
      if (settled || step <= last) return;
      sizes.need(4 * (step + 1), true);
      roots.need(4 * (step + 1), true);
      while (last < step && !settled) {
        last++;
        sizes.region.f32[last] = 1 / (1 - beta1 ** last);
        roots.region.f32[last] = 1 / Math.sqrt(1 - beta2 ** last);
        settled = sizes.region.f32[last] === 1 && roots.region.f32[last] === 1;
      }
    },
  };
}
