import { rankTolerance } from "./cholesky.js";

/** Cholesky factors of the rows and columns of C that are free, in the order in which they entered. */
export interface ActiveFactor {
  /** The free places: the first `size()` entries. */
  readonly places: Int32Array;
  size(): number;
  /** Frees place i: one row of the factor. */
  push(i: number): void;
  /** Binds the free places that `goes` picks: the rows before the first of them stay as they are. */
  remove(goes: (i: number) => boolean): void;
  /** x with C x = b on the free places, once refined; 0 on the others. `b` is read by place. */
  solve(b: (i: number) => number, x: Float64Array): void;
}

/**
 * C ≈ L Lᵀ on a changing set of places of an n × n matrix with unit diagonal. A row whose remainder is rounding gets a
 * zero pivot, and zero in every solution.
 */
export function activeFactor(c: ArrayLike<number>, n: number): ActiveFactor {
  const places = new Int32Array(n);
  const l = new Float64Array(n * n);
  const right = new Float64Array(n);
  const local = new Float64Array(n);
  const rest = new Float64Array(n);
  let size = 0;

  function factorRow(k: number): void {
    const row = k * n;
    const at = (places[k] as number) * n;
    let remainder = c[at + (places[k] as number)] as number;
    for (let m = 0; m < k; m++) {
      const pivot = l[m * n + m] as number;
      let sum = c[at + (places[m] as number)] as number;
      for (let q = 0; q < m; q++) sum -= (l[row + q] as number) * (l[m * n + q] as number);
      const value = pivot > 0 ? sum / pivot : 0;
      l[row + m] = value;
      remainder -= value * value;
    }
    l[row + k] = remainder > rankTolerance(k + 1) ? Math.sqrt(remainder) : 0;
  }

  /** y ← (L Lᵀ)⁻¹ y. */
  function substitute(y: Float64Array): void {
    for (let k = 0; k < size; k++) {
      const pivot = l[k * n + k] as number;
      let sum = y[k] as number;
      for (let m = 0; m < k; m++) sum -= (l[k * n + m] as number) * (y[m] as number);
      y[k] = pivot > 0 ? sum / pivot : 0;
    }
    for (let k = size - 1; k >= 0; k--) {
      const pivot = l[k * n + k] as number;
      const value = pivot > 0 ? (y[k] as number) / pivot : 0;
      y[k] = value;
      for (let m = 0; m < k; m++) y[m] = (y[m] as number) - (l[k * n + m] as number) * value;
    }
  }

  return {
    places,
    size: () => size,
    push(i) {
      places[size] = i;
      factorRow(size);
      size++;
    },
    remove(goes) {
      let kept = 0;
      let changed = size;
      for (let k = 0; k < size; k++) {
        const i = places[k] as number;
        if (goes(i)) changed = Math.min(changed, k);
        else places[kept++] = i;
      }
      size = kept;
      for (let k = changed; k < size; k++) factorRow(k);
    },
    solve(b, x) {
      for (let k = 0; k < size; k++) local[k] = right[k] = b(places[k] as number);
      substitute(local);
      for (let k = 0; k < size; k++) {
        const at = (places[k] as number) * n;
        let sum = right[k] as number;
        for (let m = 0; m < size; m++) sum -= (c[at + (places[m] as number)] as number) * (local[m] as number);
        rest[k] = sum;
      }
      substitute(rest);
      x.fill(0);
      for (let k = 0; k < size; k++) x[places[k] as number] = (local[k] as number) + (rest[k] as number);
    },
  };
}
