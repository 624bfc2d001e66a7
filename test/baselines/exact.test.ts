import { alignedMtl } from "@gradpool/aligned-mtl";
import { cagrad } from "@gradpool/cagrad";
import { config } from "@gradpool/config";
import type { GradientPool } from "@gradpool/core";
import { imtl } from "@gradpool/imtl";
import { mgda } from "@gradpool/mgda";
import { nashMtl } from "@gradpool/nash-mtl";
import { dualProj, upgrad } from "@gradpool/upgrad";
import { describe, expect, it } from "vitest";
import { type GoldenRecord, goldenCase, goldenRecords, goldenTitle } from "../golden/load.js";
import { poolSteps } from "../golden/pool.js";
import { deviation } from "./deviation.js";

const pools: Readonly<Record<string, (record: GoldenRecord) => GradientPool>> = {
  MGDA: () => mgda(),
  UPGrad: () => upgrad(),
  DualProj: () => dualProj(),
  IMTLG: () => imtl(),
  AlignedMTL: () => alignedMtl(),
  NashMTL: () => nashMtl({ maxNorm: 0 }),
  ConFIG: () => config(),
  CAGrad: ({ options }) => cagrad({ c: Number(options["c"]), rescale: 0 }),
};

/** A zero gradient is in the convex hull, so the textbook's minimum-norm point is 0; a pool leaves it out (rule 4). */
const leavesZeroOut = (record: GoldenRecord): boolean =>
  record.method === "MGDA" &&
  goldenCase(record).some((row) => row.every((x) => x === 0)) &&
  goldenCase(record)
    .flat()
    .some((x) => x !== 0);

describe("the exact records", () => {
  for (const record of goldenRecords({ source: "exact-mpmath" })) {
    const rows = goldenCase(record);
    const pool = (pools[record.method] as (record: GoldenRecord) => GradientPool)(record);
    const combined = (): number[] => poolSteps(pool, [rows]).steps[0]?.combined as number[];
    if (record.undefined !== undefined) {
      it(`gives a finite answer where none is defined: ${goldenTitle(record)}`, () => {
        expect(combined().every(Number.isFinite)).toBe(true);
      });
    } else if (leavesZeroOut(record)) {
      it(`leaves the zero gradient out instead of stopping: ${goldenTitle(record)}`, () => {
        const rest = poolSteps(pool, [rows.filter((row) => row.some((x) => x !== 0))]).steps[0]?.combined;
        expect(combined()).toEqual(rest);
      });
    } else {
      it(`matches to 1e-9: ${goldenTitle(record)}`, () => {
        expect(deviation(combined(), record)).toBeLessThan(1e-9);
      });
    }
  }
});
