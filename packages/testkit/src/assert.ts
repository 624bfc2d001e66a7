/** What a conformance case throws: any runner reports it. */
export function fail(message: string): never {
  throw new Error(message);
}

export function assert(condition: boolean, message: () => string): void {
  if (!condition) fail(message());
}

export function norm(v: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < v.length; k++) most = Math.max(most, Math.abs(v[k] as number));
  if (most === 0 || !Number.isFinite(most)) return most;
  let sum = 0;
  for (let k = 0; k < v.length; k++) sum += ((v[k] as number) / most) ** 2;
  return most * Math.sqrt(sum);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

export function assertFinite(vectors: readonly ArrayLike<number>[], what: string): void {
  vectors.forEach((vector, step) => {
    for (let k = 0; k < vector.length; k++) {
      assert(Number.isFinite(vector[k]), () => `${what}: coordinate ${k} of step ${step + 1} is ${vector[k]}`);
    }
  });
}

/** The same bits, NaN and the sign of zero included. */
export function assertSame(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[], what: string): void {
  assert(a.length === b.length, () => `${what}: ${a.length} steps, then ${b.length}`);
  a.forEach((vector, step) => {
    const other = b[step] as ArrayLike<number>;
    assert(
      vector.length === other.length,
      () => `${what}: step ${step + 1} has ${vector.length}, then ${other.length}`,
    );
    for (let k = 0; k < vector.length; k++) {
      assert(
        Object.is(vector[k], other[k]),
        () => `${what}: coordinate ${k} of step ${step + 1} is ${vector[k]}, then ${other[k]}`,
      );
    }
  });
}

/** Each coordinate within `tolerance`. */
export function assertClose(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void {
  assert(a.length === b.length, () => `${what}: ${a.length} coordinates against ${b.length}`);
  for (let k = 0; k < a.length; k++) {
    const gap = Math.abs((a[k] as number) - (b[k] as number));
    assert(gap <= tolerance, () => `${what}: coordinate ${k} is ${a[k]} against ${b[k]}, ${gap} > ${tolerance} apart`);
  }
}
