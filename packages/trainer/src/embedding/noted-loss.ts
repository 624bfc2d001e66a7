import type { Batch } from "@gradpool/data";
import type { EmbeddingOps, EmbeddingTask, Lookup } from "@gradpool/models";
import type { Call } from "../threads/rounds.js";

/** Where the blocks of a loss lie, by lookup: tables, the ids of the rows in them, and room for the gradients. */
export interface Places {
  readonly tables: readonly number[];
  readonly ids: readonly number[];
  readonly gradients: readonly number[];
}

/** A loss that was asked for and not yet computed: a kernel that reads rows where their tables have them. */
export interface NotedLoss {
  /** Samples. */
  readonly size: number;
  /** Terms of a sample. */
  readonly terms: number;
  /** What the mean multiplies the sum of the terms by. */
  readonly share: number;
  /** The call for samples [from, to), which writes its terms to an address (0: adds them up, and returns the sum times `share`). */
  call(at: Places, from: number, to: number, terms: number): Call;
}

/** Copies a batch's array to where kernels see it; its address, good until a round is done. */
export type Bring = (values: Float32Array | Uint8Array, size: number) => number;

/** Stand-ins for blocks: nobody looks at what is in them. */
const standIns = (count: number): readonly Float32Array[] => Array.from({ length: count }, () => new Float32Array(0));
const rows = standIns(8);
const gradients = standIns(8);

/** The loss of a task that is `kernelOnly`; null where it is not what that promises: then it is to be computed as any other. */
export function noteLoss(
  task: EmbeddingTask,
  batch: Batch,
  lookups: readonly Lookup[],
  bring: Bring,
): NotedLoss | null {
  if (lookups.length > rows.length || lookups.some(({ offsets }) => offsets !== undefined)) return null;
  const { ops, noted } = noting(lookups, bring);
  task.loss(batch, rows.slice(0, lookups.length), gradients.slice(0, lookups.length), ops);
  return noted();
}

/** Ops that note one call, whose loss they cannot say. */
function noting(lookups: readonly Lookup[], bring: Bring): { ops: EmbeddingOps; noted: () => NotedLoss | null } {
  let calls = 0;
  let noted: NotedLoss | null = null;

  /** The lookups that operands are, if each is one as it is, of so many rows, with the gradient of the same. */
  function places(of: readonly [rows: Float32Array, gradient: Float32Array, size: number][]): number[] | null {
    const found = of.map(([block]) => rows.indexOf(block));
    const same = of.every(([, gradient, size], k) => {
      const at = found[k] as number;
      return at >= 0 && gradients[at] === gradient && lookups[at]?.size === size;
    });
    return same && new Set(found).size === found.length ? found : null;
  }

  function note(places: number[] | null, make: (at: number[]) => NotedLoss): number {
    calls++;
    noted = places === null ? null : make(places);
    return Number.NaN;
  }

  const ops: EmbeddingOps = {
    bpr: (left, positives, negatives, size, k, dim, dLeft, dPositives, dNegatives) =>
      note(
        places([
          [left, dLeft, size],
          [positives, dPositives, size],
          [negatives, dNegatives, size * k],
        ]),
        (at) => bprOf(at, size, k, dim),
      ),
    bce: (left, right, labels, mask, size, dim, dLeft, dRight) =>
      note(
        places([
          [left, dLeft, size],
          [right, dRight, size],
        ]),
        (at) => {
          let labelled = size;
          if (mask !== null) {
            labelled = 0;
            for (let r = 0; r < size; r++) if (mask[r] !== 0) labelled++;
          }
          const [own, counted] = [bring(labels, size), mask === null ? 0 : bring(mask, size)];
          return pairOf(at, size, dim, 1 / labelled, (from) => [
            "bce",
            [own + 4 * from, counted === 0 ? 0 : counted + from],
          ]);
        },
      ),
    mse: (left, right, targets, offset, size, dim, dLeft, dRight) =>
      note(
        places([
          [left, dLeft, size],
          [right, dRight, size],
        ]),
        (at) => {
          const own = bring(targets, size);
          return pairOf(at, size, dim, 1 / size, (from) => ["mse", [own + 4 * from, offset]]);
        },
      ),
    alignUniform: () => note(null, () => noted as never),
  };
  return { ops, noted: () => (calls === 1 ? noted : null) };
}

function bprOf(lookups: number[], size: number, k: number, dim: number): NotedLoss {
  const [a, b, c] = lookups as [number, number, number];
  const share = 1 / (size * k);
  return {
    size,
    terms: k,
    share,
    call({ tables, ids, gradients }, from, to, terms) {
      const row = 4 * dim;
      const read = (at: number, first: number): [number, number] => [
        tables[at] as number,
        (ids[at] as number) + 4 * first,
      ];
      const written = (at: number, first: number): number => (gradients[at] as number) + row * first;
      const into = [written(a, from), written(b, from), written(c, k * from)];
      const operands = [...read(a, from), ...read(b, from), ...read(c, k * from)];
      return ["bpr", ...operands, to - from, k, dim, ...into, share, terms];
    },
  };
}

function pairOf(
  lookups: number[],
  size: number,
  dim: number,
  share: number,
  rest: (from: number) => readonly ["bce" | "mse", readonly number[]],
): NotedLoss {
  const [a, b] = lookups as [number, number];
  return {
    size,
    terms: 1,
    share,
    call({ tables, ids, gradients }, from, to, terms) {
      const [name, values] = rest(from);
      const operands = [a, b].flatMap((at) => [tables[at] as number, (ids[at] as number) + 4 * from]);
      const into = [a, b].map((at) => (gradients[at] as number) + 4 * dim * from);
      return [name, ...operands, ...values, to - from, dim, ...into, share, terms];
    },
  };
}
