// @ts-expect-error The package declares no types for its ES module; the ones used here are given below.
import cephes from "cephes";

interface Cephes {
  /** Settles when the WebAssembly is ready. */
  readonly compiled: Promise<unknown>;
  stdtr(degrees: number, t: number): number;
  stdtri(degrees: number, p: number): number;
  ndtr(z: number): number;
}

const functions = cephes as Cephes;
await functions.compiled;

/** P(|T| ≥ |t|) for Student's t; `degrees` a whole number of at least 1. */
export function tTwoSided(t: number, degrees: number): number {
  return Math.abs(t) === Infinity ? 0 : 2 * functions.stdtr(degrees, -Math.abs(t));
}

/** The t with P(T ≤ t) = p. */
export function tQuantile(p: number, degrees: number): number {
  return functions.stdtri(degrees, p);
}

/** P(|Z| ≥ |z|) for the standard normal. */
export function normalTwoSided(z: number): number {
  return Math.min(1, 2 * functions.ndtr(-Math.abs(z)));
}
