const block = 32;
const group = 256;

/** start + Σ terms, as the kernels add up what is long: blocks of 32 terms and groups of 8 blocks in float32, groups in float64. */
export function addUp(start: number, count: number, term: (k: number) => number): number {
  let total = start;
  for (let first = 0; first < count; first += group) {
    const end = Math.min(count, first + group);
    let sum = 0;
    for (let from = first; from < end; from += block) {
      let own = 0;
      for (let k = from; k < Math.min(end, from + block); k++) own = Math.fround(own + term(k));
      sum = Math.fround(sum + own);
    }
    total += sum;
  }
  return total;
}
