import { alignedMtl } from "@gradpool/aligned-mtl";
import { type GradientPool, type GramSet, poolContext, taskSet } from "@gradpool/core";
import { imtl } from "@gradpool/imtl";
import { bargain, choleskyPivoted, minNormPoint, projectDualCone, scaledEigen, symmetricEigen } from "@gradpool/linalg";
import { afterAll, describe, expect, it } from "vitest";
import { highestLevel } from "../../packages/methods/cagrad/src/solve.js";
import {
  alignedResidual,
  cagradResidual,
  dualConeResidual,
  imtlResidual,
  mgdaResidual,
  nashResidual,
} from "./certificates.js";
import { type Problem, problem } from "./problems.js";

const count = 10_000;
const table: Record<string, Record<string, number>> = {};

/** Runs a check on every problem and keeps the worst of each residual by kind. */
function every(method: string, check: (problem: Problem, k: number) => Readonly<Record<string, number>>): void {
  for (let k = 0; k < count; k++) {
    const given = problem(k);
    const wide = given.scales.some((scale) => scale !== 1);
    for (const [name, value] of Object.entries(check(given, k))) {
      const row = (table[`${method}: ${name}`] ??= {});
      const key = wide ? "rows 1e±12" : "rows of one scale";
      if (!(value <= (row[key] ?? 0))) row[key] = value;
    }
  }
}

const worstOf = (title: string): number => Math.max(...Object.values(table[title] ?? { none: Infinity }));

/** The weights and diagnostics of a pool that decides from one Gram. */
function decide(
  pool: GradientPool,
  { gram, tasks }: Problem,
): { weights: Float64Array; values: Record<string, unknown> } {
  const grams: GramSet = {
    granularity: "model",
    tasks,
    present: gram.index.map(() => true),
    blocks: [{ parameter: null, count: 1 }],
    size: 1,
    norms: gram.norms,
    cosines: gram.cosines,
  };
  let values: Record<string, unknown> = {};
  const set = taskSet(tasks);
  const context = poolContext({ tasks: set, report: (diagnostics) => (values = diagnostics.values) });
  const decided = (pool as Required<GradientPool>).mix(grams, context, pool.init(set));
  return { weights: decided.mixing.matrices, values };
}

afterAll(() => console.table(table));

describe(`optimality at ${count} random matrices, T = 1…16, rank-deficient and badly scaled ones included`, () => {
  it("MGDA meets the conditions of the minimum-norm point", () => {
    every("MGDA", (given) => {
      const point = minNormPoint(given.gram.norms, given.gram.cosines, given.tasks);
      expect(point.status).toBe("optimal");
      return { conditions: mgdaResidual(given, point) };
    });
    expect(worstOf("MGDA: conditions")).toBeLessThan(1e-10);
  });

  it("UPGrad's projections meet the conditions of a projection on the dual cone", () => {
    every("UPGrad", (given, k) => {
      const start = Array.from({ length: given.tasks }, (_, i) => Number(i === k % given.tasks));
      const cone = projectDualCone(given.gram.norms, given.gram.cosines, start, given.tasks);
      expect(cone.status).toBe("optimal");
      return { conditions: dualConeResidual(given, start, cone) };
    });
    expect(worstOf("UPGrad: conditions")).toBeLessThan(1e-10);
  });

  it("DualProj's projection of the mean meets them too", () => {
    every("DualProj", (given) => {
      const start = Array.from({ length: given.tasks }, () => 1 / given.tasks);
      const cone = projectDualCone(given.gram.norms, given.gram.cosines, start, given.tasks);
      expect(cone.status).toBe("optimal");
      return { conditions: dualConeResidual(given, start, cone) };
    });
    expect(worstOf("DualProj: conditions")).toBeLessThan(1e-10);
  });

  it("CAGrad's move is the shortest that lifts all tasks to their level, and as long as the ball allows", () => {
    every("CAGrad", (given) => {
      const { gram, tasks } = given;
      const most = Math.max(...gram.norms);
      const norms = gram.norms.map((norm) => norm / most);
      const along = norms.map((_, i) =>
        norms.reduce((sum, norm, j) => sum + (gram.cosines[i * tasks + j] as number) * (norm / tasks), 0),
      );
      const square = along.reduce((sum, a, i) => sum + (a * (norms[i] as number)) / tasks, 0);
      if (!(square > 1e-20)) return {};
      const radius = 0.4 * Math.sqrt(square);
      return cagradResidual(given, norms, radius, highestLevel(gram, norms, along, radius)) as unknown as Record<
        string,
        number
      >;
    });
    expect(worstOf("CAGrad: conditions")).toBeLessThan(1e-10);
    expect(worstOf("CAGrad: length")).toBeLessThan(1e-8);
  });

  it("Nash-MTL solves G a = 1/a, or its limit", () => {
    every("Nash-MTL", (given) => {
      const solved = bargain(given.gram.norms, given.gram.cosines, given.tasks);
      return { conditions: nashResidual(given, solved), "Newton steps": solved.iterations };
    });
    expect(worstOf("Nash-MTL: conditions")).toBeLessThan(1e-10);
    expect(worstOf("Nash-MTL: Newton steps")).toBeLessThan(20);
  });

  it("IMTL-G has equal projections on all unit gradients", () => {
    const pool = imtl();
    every("IMTL-G", (given) => {
      const { weights, values } = decide(pool, given);
      const residual = imtlResidual(given, weights);
      if (values["degenerate"] !== null) {
        expect(weights.every((weight) => weight === 0)).toBe(true);
        return {};
      }
      const { rank } = choleskyPivoted(given.gram.cosines, given.tasks);
      return rank === given.tasks ? { conditions: residual } : { "conditions, some within 1e-7 rad": residual };
    });
    expect(worstOf("IMTL-G: conditions")).toBeLessThan(1e-10);
    // Gradients that cannot be told apart are treated as dependent; the projections are as equal as they are.
    expect(worstOf("IMTL-G: conditions, some within 1e-7 rad")).toBeLessThan(1e-5);
  });

  it("Aligned-MTL's gradients have condition number 1", () => {
    every("Aligned-MTL", (given, k) => {
      const { gram, tasks } = given;
      const { values, vectors } = scaledEigen(gram.norms, gram.cosines, tasks);
      const rank = values.length;
      const least = values[rank - 1] as number;
      const transforms = gram.index.map((i) =>
        Float64Array.from(gram.index, (j) => {
          let sum = 0;
          for (let a = 0; a < rank; a++) {
            const factor = Math.sqrt(least / (values[a] as number)) * (vectors[i * rank + a] as number);
            sum += factor * (vectors[j * rank + a] as number);
          }
          return sum;
        }),
      );
      // The pool applies these very transforms.
      const i = k % tasks;
      const wanted = transforms[i] as Float64Array;
      const weights = gram.index.map((j) => Number(i === j));
      decide(alignedMtl({ weights }), given).weights.forEach((weight, j) =>
        expect(Math.abs(weight - (wanted[j] as number))).toBeLessThanOrEqual(1e-12),
      );
      const residual = alignedResidual(given, transforms, rank);
      if (given.kind !== "nearly collinear") return { condition: residual };
      if (rank < tasks) return { "condition, some within 1e-7 rad": residual };
      const unit = symmetricEigen(gram.cosines, tasks).values;
      const condition = (unit[0] as number) / Math.max(unit[rank - 1] as number, Number.EPSILON);
      return { "condition, nearly collinear rows, over that of the cosines": residual / condition };
    });
    expect(worstOf("Aligned-MTL: condition")).toBeLessThan(1e-9);
    // What rows within 1e-7 rad add to the span of the others is not known, and not aligned: no bound can be asked of it.
    expect(worstOf("Aligned-MTL: condition, some within 1e-7 rad")).toBeLessThan(Infinity);
    expect(worstOf("Aligned-MTL: condition, nearly collinear rows, over that of the cosines")).toBeLessThan(1e-10);
  });
});
