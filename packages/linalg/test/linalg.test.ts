import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bargain,
  choleskyPivoted,
  leastNormSolve,
  minNormPoint,
  nonNegativeQuadratic,
  projectDualCone,
  projectSimplex,
  scaledEigen,
  stationaryFace,
  symmetricEigen,
} from "../src/index.js";
import { dot, type Rows, rowsOf, unitForm } from "./arbitraries.js";

const runs = { numRuns: 1000, seed: 1 };

describe("projectSimplex", () => {
  it("finds the nearest point: v − x is the same wherever x > 0, and no larger elsewhere", () => {
    const vectors = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(vectors, (v) => {
        const x = projectSimplex(v);
        const size = Math.max(1, ...v.map(Math.abs));
        expect(Math.abs(x.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-14);
        const theta = Math.max(...v.map((value, i) => ((x[i] as number) > 0 ? value - (x[i] as number) : -Infinity)));
        v.forEach((value, i) => {
          expect(x[i]).toBeGreaterThanOrEqual(0);
          const gap = value - (x[i] as number) - theta;
          expect((x[i] as number) > 0 ? Math.abs(gap) : gap).toBeLessThanOrEqual(1e-14 * size);
        });
      }),
      runs,
    );
  });

  it("leaves a point of the simplex where it is", () => {
    expect([...projectSimplex([0.25, 0.75])]).toEqual([0.25, 0.75]);
    expect([...projectSimplex([7])]).toEqual([1]);
    expect([...projectSimplex([])]).toEqual([]);
  });
});

describe("leastNormSolve", () => {
  it("solves A x = A z to rounding, row by row, at row scales of 1e±12", () => {
    fc.assert(
      fc.property(rowsOf, fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 16, maxLength: 16 }), (given, z) => {
        const { norms, cosines } = unitForm(given);
        const { n } = given;
        const a = cosines.map((c, k) => (norms[Math.floor(k / n)] as number) * (norms[k % n] as number) * c);
        // In unit rows every term counts alike: z is given there.
        const b = norms.map((norm, i) => norm * dot(cosines.slice(i * n, (i + 1) * n), z));
        const x = leastNormSolve(a, b);
        const rank = choleskyPivoted(cosines, n).rank;
        const terms = norms.map((_, i) =>
          cosines
            .slice(i * n, (i + 1) * n)
            .reduce((sum, c, j) => sum + Math.abs(c * (norms[j] as number) * (x[j] as number)), 1e-300),
        );
        if (rank < n) return;
        norms.forEach((norm, i) => {
          const left = dot(
            cosines.slice(i * n, (i + 1) * n),
            norms.map((m, j) => m * (x[j] as number)),
          );
          expect(Math.abs(left - (b[i] as number) / norm)).toBeLessThan(1e-12 * ((terms[i] as number) + 1));
        });
      }),
      runs,
    );
  });

  it("gives the pseudo-inverse's solution where the matrix is singular", () => {
    const equalScales = rowsOf.map((given): Rows => ({ ...given, scales: given.scales.map(() => 1) }));
    fc.assert(
      fc.property(equalScales, (given) => {
        const { n, rows } = given;
        const a = rows.flatMap((row) => rows.map((other) => dot(row, other)));
        const b = rows.map((_, i) => i - 2);
        const x = leastNormSolve(a, b, n);
        const { values, vectors } = symmetricEigen(a, n);
        const top = values[0] as number;
        // Only where the rank is beyond doubt.
        const kept = values.filter((value) => value > 1e-6 * top).length;
        if ((values[kept] ?? 0) > 1e-11 * top) return;
        const wanted = x.map((_, i) => {
          let sum = 0;
          for (let k = 0; k < kept; k++) {
            const along = b.reduce((s, value, j) => s + (vectors[j * n + k] as number) * value, 0);
            sum += ((vectors[i * n + k] as number) * along) / (values[k] as number);
          }
          return sum;
        });
        // A right-hand side across the range leaves nothing but its own rounding.
        const size = Math.max(...wanted.map(Math.abs), (1e-6 * Math.hypot(...b)) / (values[kept - 1] as number));
        x.forEach((value, i) => expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-7 * size));
      }),
      runs,
    );
  });

  it("treats a zero row as absent", () => {
    expect([...leastNormSolve([4, 0, 0, 0], [8, 3])]).toEqual([2, 0]);
  });

  it("solves two rows alone to the same bits as beside a third that is orthogonal to them", () => {
    const entry = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(entry, entry, fc.double({ min: -1, max: 1, noNaN: true }), entry, entry, (p, q, cosine, b0, b1) => {
        const c = p * q * cosine;
        const two = leastNormSolve([p * p, c, c, q * q], [b0, -b1]);
        const three = leastNormSolve([p * p, c, 0, c, q * q, 0, 0, 0, 1], [b0, -b1, 1]);
        // Nearly collinear rows go the same way in both, but through eigenvectors of matrices of different sizes.
        if (1 - cosine * cosine < 1e-6) expect(two.every(Number.isFinite)).toBe(true);
        else expect([...two]).toEqual([...three.subarray(0, 2)]);
      }),
      runs,
    );
  });
});

describe("eigenvalues", () => {
  it("come with orthonormal vectors that rebuild the matrix", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { cosines } = unitForm(given);
        const { values, vectors } = symmetricEigen(cosines, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            let product = 0;
            for (let k = 0; k < n; k++) {
              sum += (values[k] as number) * (vectors[i * n + k] as number) * (vectors[j * n + k] as number);
              product += (vectors[k * n + i] as number) * (vectors[k * n + j] as number);
            }
            expect(Math.abs(sum - (cosines[i * n + j] as number))).toBeLessThan(1e-13 * n);
            expect(Math.abs(product - Number(i === j))).toBeLessThan(1e-13 * n);
          }
        }
      }),
      runs,
    );
  });

  it("of D C D are those of C where the scales are equal, and are accurate one by one where they are not", () => {
    fc.assert(
      fc.property(rowsOf, (given) => {
        const { n } = given;
        const { norms, cosines } = unitForm(given);
        const unit = symmetricEigen(cosines, n).values;
        const condition = (unit[0] as number) / (unit[n - 1] as number);
        if (!(condition > 0 && condition < 1e6)) return;
        const { values, vectors } = scaledEigen(norms, cosines, n);
        expect(values.length).toBe(n);
        // Vᵀ D C D V = Λ, entry by entry against √(λₐλᵦ): what no eigensolver on G itself can do.
        for (let a = 0; a < n; a++) {
          for (let b = 0; b < n; b++) {
            let sum = 0;
            for (let i = 0; i < n; i++) {
              for (let j = 0; j < n; j++) {
                const left = ((vectors[i * n + a] as number) * (norms[i] as number)) / Math.sqrt(values[a] as number);
                const right = ((vectors[j * n + b] as number) * (norms[j] as number)) / Math.sqrt(values[b] as number);
                sum += left * right * (cosines[i * n + j] as number);
              }
            }
            expect(Math.abs(sum - Number(a === b))).toBeLessThan(1e-14 * n * n * condition);
          }
        }
      }),
      runs,
    );
  });

  it("leave out what is rank-deficient", () => {
    expect(scaledEigen([1, 1e9, 3], [1, 1, -1, 1, 1, -1, -1, -1, 1], 3).values.length).toBe(1);
  });
});

describe("active sets", () => {
  it("meet the conditions of the minimum, or show a ray without end", () => {
    fc.assert(
      fc.property(
        rowsOf,
        fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 16, maxLength: 16 }),
        (given, target) => {
          const { n } = given;
          const { cosines } = unitForm(given);
          const r = target.slice(0, n);
          const { x, status } = nonNegativeQuadratic(cosines, r, n);
          expect(status).not.toBe("limit");
          const size = Math.max(...x, 1);
          x.forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(0);
            const along = dot(cosines.slice(i * n, (i + 1) * n), x);
            if (status === "unbounded") expect(Math.abs(along)).toBeLessThan(1e-6 * size);
            else if (value > 0) expect(Math.abs(along - (r[i] as number))).toBeLessThan(1e-10 * size);
            else expect(along - (r[i] as number)).toBeGreaterThan(-1e-10 * size);
          });
          if (status === "unbounded") expect(dot(r, x)).toBeGreaterThan(0);
        },
      ),
      runs,
    );
  });

  it("find the minimum-norm point of two opposite gradients, of whatever lengths, at zero", () => {
    const { weights, stationary } = minNormPoint([1e-6, 1e6], [1, -1, -1, 1], 2);
    expect(stationary).toBe(true);
    expect((weights[0] as number) * 1e-6).toBeCloseTo((weights[1] as number) * 1e6, 15);
  });

  it("give the shorter of two aligned gradients, and the foot of the perpendicular of two at an angle", () => {
    expect([...minNormPoint([1, 3], [1, 1, 1, 1], 2).weights]).toEqual([1, 0]);
    expect([...minNormPoint([1, 1], [1, 0, 0, 1], 2).weights]).toEqual([0.5, 0.5]);
    expect([...minNormPoint([2], [1], 1).weights]).toEqual([1]);
  });

  it("leave a sum that conflicts with nobody as it is", () => {
    expect([...projectDualCone([1, 2], [1, 0.5, 0.5, 1], [0.5, 0.5], 2).weights]).toEqual([0.5, 0.5]);
  });
});

describe("bargains", () => {
  it("give every task of an orthogonal set the same share", () => {
    const { weights } = bargain([2, 4], [1, 0, 0, 1], 2);
    expect(weights[0]).toBeCloseTo(0.5, 12);
    expect(weights[1]).toBeCloseTo(0.25, 12);
  });

  it("bargain across those that are at a stationary point among themselves", () => {
    // u₁ = −u₂ = x, u₃ at 60° of x: only its part along y is left.
    const c = [1, -1, 0.5, -1, 1, -0.5, 0.5, -0.5, 1];
    const face = stationaryFace(c, 3);
    expect([...face.stationary].sort()).toEqual([0, 1]);
    const { weights, stationary } = bargain([1, 1, 1], c, 3);
    expect(stationary.length).toBe(2);
    const along = [0, 1, 2].map((i) => dot(c.slice(3 * i, 3 * i + 3), weights));
    expect(along[0]).toBeCloseTo(0, 12);
    expect((weights[2] as number) * (along[2] as number)).toBeCloseTo(1, 12);
  });

  it("hold G a = a^(−1/α) to rounding for random rows and α", () => {
    fc.assert(
      fc.property(rowsOf, fc.constantFrom(0.5, 1, 2), (given, alpha) => {
        const { norms, cosines } = unitForm(given);
        const { residual, weights } = bargain(norms, cosines, given.n, alpha);
        expect(weights.every(Number.isFinite)).toBe(true);
        expect(residual).toBeLessThan(1e-10);
      }),
      runs,
    );
  });
});
