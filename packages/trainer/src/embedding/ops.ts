import { type EmbeddingOps, plainOps } from "@gradpool/models";
import type { WasmExports } from "../kernels/exports.js";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

type Four = [number, number, number, number];
type Six = [...Four, number, number];
type LossName = "bpr" | "bce" | "mse";
type LossCall = (from: number, to: number, terms: number) => readonly [LossName, ...number[]];

/**
 * The losses as kernels on an arena's memory. Arrays that lie elsewhere (an outsider's own buffers) go to the plain
 * reference of @gradpool/models, as does everything in a plain arena.
 */
export function embeddingOps(arena: Arena): EmbeddingOps {
  const { wasm } = arena;
  if (wasm === undefined) return plainOps;
  const labels = scratch(arena);
  const masks = scratch(arena);
  const work = scratch(arena);
  const here = (...views: readonly Float32Array[]): boolean => views.every((view) => arena.owns(view));

  /** Copies a batch's array in; addresses of other views must have been read before, since memory may grow. */
  const bring = (values: Float32Array, size: number): number => {
    const cells = labels.need(4 * size).f32;
    cells.set(values.subarray(0, size));
    return cells.byteOffset;
  };

  /**
   * The mean loss of `size` samples of so many bytes, with `per` terms each, by kernels that are given samples [from, to) and a place
   * for their terms. One thread adds the terms up as they come (place 0), several write them out for this one to add.
   */
  function mean(size: number, bytes: number, per: number, share: number, call: LossCall): number {
    const parts = arena.team?.cut(size, bytes) ?? null;
    if (arena.team === undefined || parts === null) {
      const [name, ...values] = call(0, size, 0);
      return (wasm as WasmExports)[name](...values);
    }
    const terms = arena.team.need(8 * size * per);
    arena.team.each(parts.map(({ from, to }) => call(from, to, terms + 8 * per * from)));
    return (wasm as WasmExports).addUp(terms, size * per) * share;
  }

  return {
    bpr(left, positives, negatives, size, k, dim, dLeft, dPositives, dNegatives) {
      const views = [left, positives, negatives, dLeft, dPositives, dNegatives];
      if (!here(...views)) return plainOps.bpr(left, positives, negatives, size, k, dim, dLeft, dPositives, dNegatives);
      const row = 4 * dim;
      const [u, p, n, du, dp, dn] = views.map((view) => view.byteOffset) as [...Six];
      const share = 1 / (size * k);
      return mean(size, row * (2 + k), k, share, (from, to, terms) => {
        const [own, others] = [row * from, row * k * from];
        const gradients = [du + own, dp + own, dn + others, share, terms];
        return ["bpr", u + own, 0, p + own, 0, n + others, 0, to - from, k, dim, ...gradients];
      });
    },
    bce(left, right, values, mask, size, dim, dLeft, dRight) {
      if (!here(left, right, dLeft, dRight)) return plainOps.bce(left, right, values, mask, size, dim, dLeft, dRight);
      const [a, b, da, db] = [left, right, dLeft, dRight].map((view) => view.byteOffset) as [...Four];
      let labelled = size;
      if (mask !== null) {
        masks.need(size).u8.set(mask.subarray(0, size));
        labelled = 0;
        for (let r = 0; r < size; r++) if (mask[r] !== 0) labelled++;
      }
      const row = 4 * dim;
      const labelsAt = bring(values, size);
      const maskAt = mask === null ? null : masks.region.u8.byteOffset;
      const share = 1 / labelled;
      const loss = mean(size, 2 * row, 1, share, (from, to, terms) => {
        const own = row * from;
        const counted = maskAt === null ? 0 : maskAt + from;
        const gradients = [da + own, db + own, share, terms];
        return ["bce", a + own, 0, b + own, 0, labelsAt + 4 * from, counted, to - from, dim, ...gradients];
      });
      return labelled === 0 ? Number.NaN : loss;
    },
    mse(left, right, targets, offset, size, dim, dLeft, dRight) {
      if (!here(left, right, dLeft, dRight))
        return plainOps.mse(left, right, targets, offset, size, dim, dLeft, dRight);
      const [a, b, da, db] = [left, right, dLeft, dRight].map((view) => view.byteOffset) as [...Four];
      const row = 4 * dim;
      const targetsAt = bring(targets, size);
      const share = 1 / size;
      return mean(size, 2 * row, 1, share, (from, to, terms) => {
        const own = row * from;
        const gradients = [da + own, db + own, share, terms];
        return ["mse", a + own, 0, b + own, 0, targetsAt + 4 * from, offset, to - from, dim, ...gradients];
      });
    },
    alignUniform(left, right, gamma, size, dim, dLeft, dRight) {
      if (!here(left, right, dLeft, dRight)) return plainOps.alignUniform(left, right, gamma, size, dim, dLeft, dRight);
      const places = [left, right, dLeft, dRight].map((view) => view.byteOffset) as [number, number, number, number];
      const floats = 2 * size * (2 * dim + 1) + 64 * dim + (size * (size - 1)) / 2;
      const cells = work.need(4 * floats).f32;
      return wasm.alignUniform(places[0], places[1], gamma, size, dim, places[2], places[3], cells.byteOffset);
    },
  };
}
