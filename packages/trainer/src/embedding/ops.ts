import { type EmbeddingOps, plainOps } from "@gradpool/models";
import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";

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

  return {
    bpr(left, positives, negatives, size, k, dim, dLeft, dPositives, dNegatives) {
      if (!here(left, positives, negatives, dLeft, dPositives, dNegatives))
        return plainOps.bpr(left, positives, negatives, size, k, dim, dLeft, dPositives, dNegatives);
      return wasm.bpr(
        left.byteOffset,
        positives.byteOffset,
        negatives.byteOffset,
        size,
        k,
        dim,
        dLeft.byteOffset,
        dPositives.byteOffset,
        dNegatives.byteOffset,
      );
    },
    bce(left, right, values, mask, size, dim, dLeft, dRight) {
      if (!here(left, right, dLeft, dRight)) return plainOps.bce(left, right, values, mask, size, dim, dLeft, dRight);
      const places = [left, right, dLeft, dRight].map((view) => view.byteOffset) as [number, number, number, number];
      let labelled = size;
      let maskAt = 0;
      if (mask !== null) {
        const cells = masks.need(size).u8;
        cells.set(mask.subarray(0, size));
        labelled = 0;
        for (let r = 0; r < size; r++) if (mask[r] !== 0) labelled++;
        maskAt = 1;
      }
      const labelsAt = bring(values, size);
      if (maskAt !== 0) maskAt = masks.region.u8.byteOffset;
      const loss = wasm.bce(places[0], places[1], labelsAt, maskAt, labelled, size, dim, places[2], places[3]);
      return labelled === 0 ? Number.NaN : loss;
    },
    mse(left, right, targets, offset, size, dim, dLeft, dRight) {
      if (!here(left, right, dLeft, dRight))
        return plainOps.mse(left, right, targets, offset, size, dim, dLeft, dRight);
      const places = [left, right, dLeft, dRight].map((view) => view.byteOffset) as [number, number, number, number];
      return wasm.mse(places[0], places[1], bring(targets, size), offset, size, dim, places[2], places[3]);
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
