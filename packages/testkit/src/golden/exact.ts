import type { GradientPool } from "@gradpool/core";
import { assert, assertFinite, assertSame } from "../assert.js";
import type { Runner } from "../runner.js";
import { caseOf, flatten, type Golden, type GoldenRecord, type Matrix, recordsOf, titleOf } from "./records.js";
import { poolSteps } from "./run.js";

/** Records of other libraries that compute the same thing, with the factor to ours; undefined for other records. */
export type Peer = (record: GoldenRecord, tasks: number) => number | undefined;

export interface ExactAnswers {
  readonly golden: Golden;
  /** The method's name in the records. */
  readonly method: string;
  /** The pool that a record asks for. */
  readonly pool: (record: GoldenRecord) => GradientPool;
  /** The textbook keeps a zero gradient, a pool leaves it out (MGDA: zero is in the hull): held against the pool without it. */
  readonly leavesZeroOut?: boolean;
  /** Among the exact records, which the peers answer too. */
  readonly compared?: (record: GoldenRecord) => boolean;
  readonly peers: Readonly<Record<string, Peer>>;
}

const isZero = (row: readonly number[]): boolean => row.every((x) => x === 0);

/**
 * ‖got − wanted‖∞ / ‖wanted‖∞. Where the exact answer cancels to nothing (below 1e-15 of the smallest gradient), the
 * deviation is relative to the largest gradient, as no answer in float64 can be relative to zero.
 */
function deviation(got: readonly number[], record: GoldenRecord, matrix: Matrix): number {
  const wanted = flatten(record.output);
  const rows = matrix.map((row) => Math.max(...row.map(Math.abs)));
  const least = Math.min(...rows.filter((size) => size > 0));
  const size = Math.max(...wanted.map(Math.abs));
  const error = Math.max(...wanted.map((x, p) => Math.abs(x - (got[p] as number))));
  if (Number.isNaN(error)) return Infinity;
  if (size > 1e-15 * least) return error / size;
  return error === 0 ? 0 : error / Math.max(...rows);
}

const combine = (pool: GradientPool, matrix: Matrix): number[] => poolSteps(pool, [matrix]).steps[0]?.combined ?? [];

/** Tests a method against the truth to 60 digits (`exact-mpmath`): to 1e-9 wherever it exists, finite where it does not. */
export function describeExact(answers: ExactAnswers, { describe, it }: Runner): void {
  const { golden, method, pool, leavesZeroOut = false } = answers;
  describe(`${method}: the exact records`, () => {
    for (const record of recordsOf(golden, { source: "exact-mpmath", method })) {
      const rows = caseOf(golden, record);
      const combined = (): number[] => combine(pool(record), rows);
      if (record.undefined !== undefined) {
        it(`gives a finite answer where none is defined: ${titleOf(record)}`, () => assertFinite([combined()], method));
      } else if (leavesZeroOut && rows.some(isZero) && !rows.every(isZero)) {
        it(`leaves the zero gradient out instead of stopping: ${titleOf(record)}`, () => {
          const rest = combine(
            pool(record),
            rows.filter((row) => !isZero(row)),
          );
          assertSame([combined()], [rest], method);
        });
      } else {
        it(`matches to 1e-9: ${titleOf(record)}`, () => below(deviation(combined(), record, rows)));
      }
    }
    it("is below 1e-9 of them on every case, whatever other libraries answered", () => {
      const { gradpool, ...others } = errorsOf(answers);
      assert((gradpool?.length ?? 0) > 5, () => `${gradpool?.length} cases`);
      for (const [name, errors] of Object.entries(others))
        assert(errors.length > 5, () => `${errors.length} of ${name}`);
      below(Math.max(...(gradpool ?? [])));
    });
  });
}

function below(error: number): void {
  assert(error < 1e-9, () => `relative error ${error}`);
}

/** Relative errors against the exact records, ours and those recorded of other libraries. */
export function errorsOf({ golden, method, pool, compared, peers }: ExactAnswers): Readonly<Record<string, number[]>> {
  const errors: Record<string, number[]> = { gradpool: [] };
  for (const name of Object.keys(peers)) errors[name] = [];
  for (const truth of recordsOf(golden, { source: "exact-mpmath", method })) {
    const matrix = caseOf(golden, truth);
    // Zero gradients are left out by us, and in the hull for the others: no common question.
    if (truth.undefined !== undefined || matrix.some(isZero) || compared?.(truth) === false) continue;
    errors["gradpool"]?.push(deviation(combine(pool(truth), matrix), truth, matrix));
    for (const record of golden.records.filter(({ input }) => input.case === truth.input.case)) {
      for (const [name, select] of Object.entries(peers)) {
        const factor = select(record, matrix.length);
        if (factor === undefined) continue;
        const got = record.output === undefined ? [NaN] : flatten(record.output).map((x) => factor * x);
        errors[name]?.push(deviation(got, truth, matrix));
      }
    }
  }
  return errors;
}

/** A peer: the records of one source, of a method by its name there, with some options. */
export function peer(
  source: string,
  method: string,
  options: Readonly<Record<string, unknown>> = {},
  factor = (_tasks: number): number => 1,
): Peer {
  return (record, tasks) =>
    record.source === source &&
    record.method === method &&
    Object.entries(options).every(([name, value]) => record.options[name] === value)
      ? factor(tasks)
      : undefined;
}
