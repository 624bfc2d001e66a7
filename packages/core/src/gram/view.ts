import type { GramSet } from "../gradients.js";
import type { Gram } from "./problem.js";

/** 2⁻¹⁰²²: a norm below it has lost digits, and one divided by it is beyond float64. */
const smallestNormal = 2.2250738585072014e-308;

/** Squares of ratios above it, and what they divide, stay within float64. */
const leastRatio = 2 ** -500;

/**
 * Is every norm zero, or between 2⁻⁴⁷⁵ and 2²¹? Then all are finite, and each that is not zero counts beside any other: groups
 * need not be looked at for what is too small. One pass without a branch, for the thousands of rows of a step: what is too small
 * for the first product does not come back, what is too large makes the second infinite. (Some down to 2⁻⁴²² answer false too.)
 */
export function plainNorms(norms: Float64Array): boolean {
  let bad = 0;
  for (let k = 0; k < norms.length; k++) {
    const norm = norms[k] as number;
    const wide = norm * 2 ** 1003;
    bad += Math.abs(norm * 2 ** -600 * 2 ** 600 - norm) + (wide - wide);
  }
  return bad === 0;
}

/**
 * A reader of groups as problems of the tasks that take part. With `reuse` what it returns is overwritten by a later
 * call: rows come by the ten thousand, and short-lived objects would cost more than the methods.
 *
 * A gradient counts as zero where float64 cannot hold what a method would do with it: where its norm is subnormal, or
 * below 2⁻⁵⁰⁰ (3e-151) of the group's largest. `plain`: there is none such, see {@link plainNorms}.
 */
export function groupView(
  set: GramSet,
  target: number,
  zeros: "drop" | "keep",
  plain: boolean,
): (group: number, reuse: boolean) => Gram {
  const { tasks, present, norms, cosines } = set;
  const all = present.flatMap((here, i) => (here ? [i] : []));
  const count = all.length;
  const detail = cosines.length > 0;
  const keep = zeros === "keep";
  const allocate = (index: readonly number[]): Gram => {
    const size = index.length;
    return {
      size,
      index,
      target: index.indexOf(target),
      count,
      norms: new Float64Array(size),
      cosines: new Float64Array(detail ? size * size : 0),
    };
  };
  const whole = allocate(all);
  /** By the bits of those that take part. */
  const grams = new Map<number, Gram>();

  /** The problem of the tasks whose bits are set, to be filled. */
  function problem(mask: number, size: number, least: number, base: number, reuse: boolean): Gram {
    if (size === count) return reuse ? whole : allocate(all);
    const held = reuse && count < 32 ? grams.get(mask) : undefined;
    if (held !== undefined) return held;
    const gram = allocate(all.filter((i) => (norms[base + i] as number) >= least));
    if (reuse && count < 32) grams.set(mask, gram);
    return gram;
  }

  function fill(gram: Gram, base: number): void {
    const { size, index, norms: n, cosines: c } = gram;
    for (let a = 0; a < size; a++) {
      const i = index[a] as number;
      n[a] = norms[base + i] as number;
      if (!detail) continue;
      const row = (base + i) * tasks;
      for (let b = 0; b < size; b++) c[a * size + b] = cosines[row + (index[b] as number)] as number;
    }
  }

  /** A group in which some norms may be too small to count. */
  function withTiny(base: number, reuse: boolean): Gram {
    let low = Infinity;
    let high = 0;
    for (const i of all) {
      const norm = norms[base + i] as number;
      if (norm === 0) continue;
      if (norm < low) low = norm;
      if (norm > high) high = norm;
    }
    const least = leastOf(high);
    const [mask, size] = keep ? [0, count] : among(all, norms, base, least);
    const gram = problem(mask, size, keep ? 0 : least, base, reuse);
    fill(gram, base);
    if (keep && low < least) zeroBelow(gram, least);
    return gram;
  }

  if (!plain) return (group, reuse) => withTiny(group * tasks, reuse);
  if (keep && !detail && count === tasks) {
    const { norms: n } = whole;
    return (group, reuse) => {
      const base = group * tasks;
      if (!reuse) return { ...whole, norms: norms.slice(base, base + tasks) };
      for (let i = 0; i < count; i++) n[i] = norms[base + i] as number;
      return whole;
    };
  }
  return (group, reuse) => {
    const base = group * tasks;
    let size = count;
    let mask = 0;
    if (!keep) {
      size = 0;
      for (let a = 0; a < count; a++) {
        if ((norms[base + (all[a] as number)] as number) === 0) continue;
        mask |= 1 << a;
        size++;
      }
    }
    const gram = problem(mask, size, Number.MIN_VALUE, base, reuse);
    fill(gram, base);
    return gram;
  };
}

/** The least norm that counts beside the largest of its group. */
const leastOf = (high: number): number => Math.max(high * leastRatio, smallestNormal);

/** Which of the tasks have a norm of at least `least`, as bits, and how many. */
function among(all: readonly number[], norms: Float64Array, base: number, least: number): [number, number] {
  let mask = 0;
  let size = 0;
  all.forEach((i, a) => {
    if ((norms[base + i] as number) < least) return;
    mask |= 1 << a;
    size++;
  });
  return [mask, size];
}

/** Makes zero gradients of those whose norm is below `least`. */
function zeroBelow({ size, norms, cosines }: Gram, least: number): void {
  for (let a = 0; a < size; a++) {
    const norm = norms[a] as number;
    if (norm >= least || norm === 0) continue;
    norms[a] = 0;
    if (cosines.length === 0) continue;
    for (let b = 0; b < size; b++) cosines[a * size + b] = cosines[b * size + a] = 0;
  }
}
