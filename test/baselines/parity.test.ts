import { alignedMtl } from "@gradpool/aligned-mtl";
import { cagrad } from "@gradpool/cagrad";
import type { GradientPool } from "@gradpool/core";
import { dbMtl } from "@gradpool/db-mtl";
import { dwa } from "@gradpool/dwa";
import { fairgrad } from "@gradpool/fairgrad";
import { famo } from "@gradpool/famo";
import { gls } from "@gradpool/gls";
import { dropSigns } from "@gradpool/graddrop";
import { gradvac } from "@gradpool/gradvac";
import { moco } from "@gradpool/moco";
import { nashMtl } from "@gradpool/nash-mtl";
import { pcgradPlus } from "@gradpool/pcgrad-plus";
import { sdmgrad } from "@gradpool/sdmgrad";
import { stch } from "@gradpool/stch";
import { uw } from "@gradpool/uw";
import { describe, expect, it } from "vitest";
import { expectClose, type GoldenRecord, goldenRecords, goldenSteps, goldenTitle } from "../golden/load.js";
import { type PoolRun, poolSteps } from "../golden/pool.js";

const options = (record: GoldenRecord, name: string): number => Number(record.options[name]);
const lossesOf = (record: GoldenRecord): readonly (readonly number[])[] => record.input.losses ?? [];

const ascending = (tasks: number): number[][] =>
  Array.from({ length: tasks }, () => Array.from({ length: tasks }, (_, i) => i));

/** Records that say something about the method and not about the reference's own defects. */
function each(select: (record: GoldenRecord) => boolean, verb: string, test: (record: GoldenRecord) => void): void {
  const records = goldenRecords(select);
  expect(records.length).toBeGreaterThan(0);
  for (const record of records) it(`${verb}: ${goldenTitle(record)}`, () => test(record));
}

/** The weights of a losses-level pool, step by step. */
function lossWeights(pool: GradientPool, record: GoldenRecord, run: PoolRun = {}): number[][] {
  const losses = lossesOf(record);
  const steps = losses.map((row) => row.map((_, i) => row.map((__, j) => Number(i === j))));
  return poolSteps(pool, steps, { ...run, losses }).steps.map(({ combined }) => combined);
}

function combined(pool: GradientPool, record: GoldenRecord, run: PoolRun = {}): number[][] {
  const steps = goldenSteps(record);
  const order = ascending((steps[0] as readonly unknown[]).length);
  return poolSteps(pool, steps, { order, ...run }).steps.map((step) => step.combined);
}

const hasNoAnswer = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(hasNoAnswer) : typeof value !== "number" || !Number.isFinite(value);

describe("methods that read losses", () => {
  each(
    (r) => r.method === "UW",
    "matches to 1e-9",
    (r) => expectClose(lossWeights(uw({ learningRate: 0 }), r), r.output),
  );
  each(
    (r) => r.method === "DWA",
    "matches to 1e-9, one step per epoch",
    (r) =>
      expectClose(
        lossWeights(dwa({ temperature: options(r, "temperature") }), r, { epochs: [1, 2, 3, 4, 5] }),
        r.output,
      ),
  );
  each(
    (r) => r.method === "GLS (GeometricMean)",
    "matches to 1e-9",
    (r) => expectClose(lossWeights(gls(), r), r.output),
  );
  each(
    (r) => r.method === "STCH",
    "matches to 1e-9",
    (r) => expectClose(lossWeights(stch({ mu: options(r, "mu") }), r), r.output),
  );
  each(
    (r) => r.method === "FAMO",
    "matches to 1e-9 with the reference's 1e-8 added to the losses",
    (r) => {
      const decay = Number(r.options["gamma(weight_decay)"] ?? r.options["weight_decay"]);
      const got = lossWeights(famo({ decay, epsilon: 1e-8 }), r);
      expectClose(got.slice(0, (r.output as unknown[]).length), r.output);
    },
  );
});

describe("GradVac", () => {
  each(
    (r) => r.method === "GradVac" && r.source !== "baiyimeng/GradCraft",
    "matches to 1e-7: the reference adds 1e-8 to its denominators",
    (r) => expectClose(combined(gradvac({ beta: options(r, "beta") }), r), r.output, { relative: 1e-7 }),
  );
  each(
    (r) => r.method === "GradVac" && r.source === "baiyimeng/GradCraft",
    "differs, since that code moves its goals only where it projects, and not always as in the paper's algorithm 1",
    (r) => {
      const got = combined(gradvac({ beta: options(r, "beta"), reduction: "mean" }), r);
      const wanted = r.output as number[][];
      // Before the first conflict both are the mean.
      expectClose(got[0], wanted[0]);
      expect(() => expectClose(got, wanted)).toThrow();
    },
  );
});

describe("methods with running gradients", () => {
  each(
    (r) => r.method === "DB_MTL",
    "matches to 1e-7, the reference's 1e-8 added to the losses: it adds as much to the norms",
    (r) => {
      const pool = dbMtl({ beta: options(r, "DB_beta"), sigma: options(r, "DB_beta_sigma") });
      const losses = lossesOf(r).map((row) => row.map((loss) => loss + 1e-8));
      expectClose(combined(pool, r, { losses }), r.output, { relative: 1e-7 });
    },
  );
  each(
    (r) => r.method === "DBMTL" && !String(r.options["note"]).includes("sums to exactly 0") && !hasNoAnswer(r.output),
    "matches to 1e-9 with losses of 1 and current gradients",
    (r) => {
      const tasks = (goldenSteps(r)[0] as readonly unknown[]).length;
      expectClose(combined(dbMtl({ beta: 0 }), r, { losses: [Array.from({ length: tasks }, () => 1)] })[0], r.output);
    },
  );
  each(
    (r) => r.method === "MoCo",
    "matches to 1e-7 in the reference's form: unit gradients times losses, softmax, raw Gram",
    (r) => {
      const pool = moco({
        beta: options(r, "beta"),
        gamma: options(r, "gamma"),
        rho: options(r, "rho"),
        betaSigma: options(r, "beta_sigma"),
        gammaSigma: options(r, "gamma_sigma"),
        relative: false,
        projection: "softmax",
      });
      const steps = goldenSteps(r).map((step, k) =>
        step.map((row, i) => {
          const scale = (lossesOf(r)[k]?.[i] as number) / Math.hypot(...row);
          return row.map((x) => x * scale);
        }),
      );
      const got = poolSteps(pool, steps).steps.map((step) => step.combined);
      expectClose(got, r.output, { relative: 1e-7 });
    },
  );
});

describe("methods that need the gradients", () => {
  each(
    (r) => r.method === "GradDrop",
    "matches to 1e-9 with the recorded draws",
    (r) => {
      const rows = goldenSteps(r)[0] as readonly (readonly number[])[];
      const draws = (r.input["U"] as number[]).values();
      const leak = rows.map(() => options(r, "leak"));
      expectClose(
        dropSigns(rows, () => draws.next().value as number, leak),
        r.output,
      );
    },
  );
});

/** How far a direction Σ aᵢgᵢ of two gradients is from a₁⟨d, g₁⟩ = a₂⟨d, g₂⟩, the bargain's condition. */
function unfairness(d: readonly number[], rows: readonly (readonly number[])[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, v, p) => sum + v * (y[p] as number), 0);
  const [g, h] = rows as [readonly number[], readonly number[]];
  const determinant = dot(g, g) * dot(h, h) - dot(g, h) ** 2;
  const a = (dot(d, g) * dot(h, h) - dot(d, h) * dot(g, h)) / determinant;
  const b = (dot(d, h) * dot(g, g) - dot(d, g) * dot(g, h)) / determinant;
  return Math.abs((a * dot(d, g)) / (b * dot(d, h)) - 1);
}

/** Where zero is in the convex hull, least squares stops anywhere, or never converges. */
const interior = (record: GoldenRecord): boolean => {
  const name = record.input.case;
  return goldenRecords({ source: "exact-mpmath", method: "NashMTL" }).some(
    (r) => r.input.case === name && r.undefined === undefined,
  );
};

describe("methods with solvers of their own in the references", () => {
  each(
    (r) => r.method === "FairGrad" && interior(r) && !String(r.input.case).includes("scale") && !hasNoAnswer(r.output),
    "matches to 1e-4, the accuracy of the reference's least squares",
    (r) => expectClose(combined(fairgrad({ alpha: options(r, "alpha") }), r)[0], r.output, { relative: 1e-4 }),
  );
  each(
    (r) => r.method === "NashMTL" && r.input.case === "seq_t2p4",
    "matches to 1e-3 (a conic solver) at every step where the reference has not stalled",
    (r) => {
      const every = options(r, "update_weights_every");
      const got = combined(nashMtl({ maxNorm: options(r, "max_norm"), every }), r);
      goldenSteps(r).forEach((rows, k) => {
        const wanted = (r.output as number[][])[k] as number[];
        if (k % every === 0) expect(unfairness(got[k] as number[], rows)).toBeLessThan(1e-9);
        if (k % every === 0 && unfairness(wanted, rows) > 1e-2) return;
        expectClose(got[k], wanted, { relative: 1e-3 });
      });
    },
  );
  each(
    (r) => r.method === "AlignedMTL" && r.source === "TorchJD" && r.input.case === "t5p10_random",
    "matches to 1e-9",
    (r) => {
      const pool = alignedMtl({ mode: String(r.options["scale_mode"]) as "min" | "median" | "rmse" });
      expectClose(combined(pool, r)[0], r.output);
    },
  );
  each(
    (r) => r.method === "CAGrad" && r.source === "LibMTL" && r.input.case === "t5p10_random",
    "matches to 1e-3, the accuracy of the reference's SLSQP",
    (r) => {
      const pool = cagrad({ c: options(r, "calpha"), rescale: options(r, "rescale") as 0 | 1 | 2 });
      expectClose(combined(pool, r)[0], r.output, { relative: 1e-3 });
    },
  );
  each(
    (r) => r.method === "SDMGrad",
    "is nearer to the minimum of the paper's objective: the reference's step of 10 is not scaled and overshoots",
    (r) => {
      const got = combined(sdmgrad({ rho: options(r, "lambda"), steps: 200 }), r);
      got.forEach((d, k) => {
        expect(Math.hypot(...d)).toBeLessThanOrEqual(Math.hypot(...((r.output as number[][])[k] as number[])) + 1e-6);
      });
    },
  );
});

describe("PCGrad+", () => {
  const usable = (r: GoldenRecord): boolean =>
    r.method.startsWith("PCGrad+") &&
    !hasNoAnswer(r.output) &&
    !String(r.options["note"] ?? "").includes("sums to exactly 0");
  each(
    (r) => usable(r) && options(r, "e") === 0 && r.input.case !== "t3p2_self_matters",
    "matches to 1e-9",
    (r) => expectClose(combined(pcgradPlus({ tau: options(r, "r") }), r)[0], r.output),
  );
});
