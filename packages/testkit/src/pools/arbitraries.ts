import fc from "fast-check";

/** A run of one to three steps: T × P gradients each, every one of them a dense parameter of its own. */
export interface GradientCase {
  readonly steps: readonly (readonly (readonly number[])[])[];
  readonly target: number;
  readonly seed: number;
  /** Per task, whose losses it has; default: its own. */
  readonly losses?: readonly number[];
}

export interface ArbitraryOptions {
  /** Default 1. */
  readonly minTasks?: number;
  /** Default 6. */
  readonly maxTasks?: number;
  /** Default 3. */
  readonly maxSteps?: number;
}

/**
 * One gradient: small integers times a power of two between 2⁻⁴⁰ and 2⁴⁰ (1e±12). Inner products of such rows are exact,
 * so orthogonal rows are exactly orthogonal at every scale, singular Grams exactly singular, and no property fails
 * because rounding moved a case across a branch of the method.
 */
function row(width: number): fc.Arbitrary<readonly number[]> {
  return fc
    .tuple(
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: width, maxLength: width }),
      fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.integer({ min: -40, max: 40 }), weight: 1 }),
    )
    .map(([values, exponent]) => values.map((value) => value * 2 ** exponent));
}

function matrix(tasks: number, width: number): fc.Arbitrary<readonly (readonly number[])[]> {
  return fc
    .tuple(
      fc.array(row(width), { minLength: tasks, maxLength: tasks }),
      // Now and then a row becomes a multiple of the one before: collinear, opposite or zero.
      fc.array(fc.oneof({ arbitrary: fc.constant(null), weight: 12 }, fc.constantFrom(0, 1, 2, -1, -4)), {
        minLength: tasks,
        maxLength: tasks,
      }),
    )
    .map(([rows, copies]) =>
      rows.map((own, i) => {
        const factor = copies[i] ?? null;
        return factor === null || i === 0 ? own : (rows[i - 1] as readonly number[]).map((value) => factor * value);
      }),
    );
}

/** Runs with zero, collinear, opposite and duplicate gradients among them, at scales from 1e-12 to 1e12. */
export function gradientCases(options: ArbitraryOptions = {}): fc.Arbitrary<GradientCase> {
  const { minTasks = 1, maxTasks = 6, maxSteps = 3 } = options;
  return fc
    .tuple(
      fc.integer({ min: Math.min(minTasks, maxTasks), max: maxTasks }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: maxSteps }),
    )
    .chain(([tasks, width, steps]) =>
      fc.record({
        steps: fc.array(matrix(tasks, width), { minLength: steps, maxLength: steps }),
        target: fc.integer({ min: 0, max: tasks - 1 }),
        seed: fc.integer({ min: 0, max: 1_000_000 }),
      }),
    );
}

/** A factor that multiplies without rounding, from 2⁻⁴⁰ to 2⁴⁰. */
export function exactScales(): fc.Arbitrary<number> {
  return fc.integer({ min: -40, max: 40 }).map((exponent) => 2 ** exponent);
}
