import { alignedMtl } from "@gradpool/aligned-mtl";
import { cagrad } from "@gradpool/cagrad";
import { config } from "@gradpool/config";
import type { GradientPool } from "@gradpool/core";
import { imtl } from "@gradpool/imtl";
import { mgda } from "@gradpool/mgda";
import { nashMtl } from "@gradpool/nash-mtl";
import { dualProj, upgrad } from "@gradpool/upgrad";
import { afterAll, describe, expect, it } from "vitest";
import { flatten, type GoldenRecord, goldenCase, goldenRecords } from "../golden/load.js";
import { poolSteps } from "../golden/pool.js";
import { deviation } from "./deviation.js";

interface Row {
  readonly title: string;
  readonly pool: GradientPool;
  readonly exact: (record: GoldenRecord) => boolean;
  /** Records of other libraries that compute the same thing, with the factor to ours. */
  readonly peers: Readonly<Record<string, (record: GoldenRecord, tasks: number) => number | undefined>>;
}

const has = (record: GoldenRecord, options: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(options).every(([name, value]) => record.options[name] === value);

const rows: readonly Row[] = [
  {
    title: "MGDA",
    pool: mgda(),
    exact: (r) => r.method === "MGDA",
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "MGDA" && has(r, { epsilon: 0.001 }) ? 1 : undefined,
      "TorchJD (20,000 steps)": (r) =>
        r.source === "TorchJD" && r.method === "MGDA" && has(r, { max_iters: 20000 }) ? 1 : undefined,
      LibMTL: (r) => (r.source === "LibMTL" && r.method === "MGDA" && has(r, { mgda_gn: "none" }) ? 1 : undefined),
    },
  },
  {
    title: "UPGrad",
    pool: upgrad(),
    exact: (r) => r.method === "UPGrad",
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "UPGrad" && has(r, { norm_eps: 0.0001, pref_vector: null })
          ? 1
          : undefined,
      "TorchJD (no eps)": (r) =>
        r.source === "TorchJD" && r.method === "UPGrad" && has(r, { norm_eps: 0 }) ? 1 : undefined,
      LibMTL: (r) => (r.source === "LibMTL" && r.method === "UPGrad" ? 1 : undefined),
    },
  },
  {
    title: "DualProj",
    pool: dualProj(),
    exact: (r) => r.method === "DualProj",
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "DualProj" && has(r, { norm_eps: 0.0001 }) ? 1 : undefined,
      "TorchJD (no eps)": (r) =>
        r.source === "TorchJD" && r.method === "DualProj" && has(r, { norm_eps: 0 }) ? 1 : undefined,
    },
  },
  {
    title: "IMTL-G",
    pool: imtl(),
    exact: (r) => r.method === "IMTLG",
    peers: {
      "TorchJD (default)": (r) => (r.source === "TorchJD" && r.method === "IMTLG" ? 1 : undefined),
      LibMTL: (r) => (r.source === "LibMTL" && r.method === "IMTL" ? 1 : undefined),
    },
  },
  {
    title: "Aligned-MTL",
    pool: alignedMtl(),
    exact: (r) => r.method === "AlignedMTL",
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "AlignedMTL" && has(r, { scale_mode: "min" }) ? 1 : undefined,
      LibMTL: (r, tasks) => (r.source === "LibMTL" && r.method === "Aligned_MTL" ? 1 / tasks : undefined),
    },
  },
  {
    title: "Nash-MTL",
    pool: nashMtl({ maxNorm: 0 }),
    exact: (r) => r.method === "NashMTL",
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "NashMTL" && has(r, { max_norm: 0 }) ? 1 : undefined,
    },
  },
  {
    title: "ConFIG",
    pool: config(),
    exact: (r) => r.method === "ConFIG",
    peers: { "TorchJD (default)": (r) => (r.source === "TorchJD" && r.method === "ConFIG" ? 1 : undefined) },
  },
  {
    title: "CAGrad (c 0.5)",
    pool: cagrad({ c: 0.5, rescale: 0 }),
    exact: (r) => r.method === "CAGrad" && has(r, { c: 0.5 }),
    peers: {
      "TorchJD (default)": (r) =>
        r.source === "TorchJD" && r.method === "CAGrad" && has(r, { c: 0.5, norm_eps: 0.0001 }) ? 1 : undefined,
      LibMTL: (r) =>
        r.source === "LibMTL" && r.method === "CAGrad" && has(r, { calpha: 0.5, rescale: 0 }) ? 1 : undefined,
    },
  },
];

const all = goldenRecords(() => true);
const table: Record<string, Record<string, string>> = {};
const show = (value: number): string => (Number.isFinite(value) ? value.toExponential(1) : "NaN");

afterAll(() => console.table(table));

describe("relative errors against the exact records, ours beside those recorded of other libraries", () => {
  for (const { title, pool, exact, peers } of rows) {
    it(`${title}: ours is below 1e-9 on every case, whatever the others do`, () => {
      const errors: Record<string, number[]> = {};
      const worst: Record<string, string> = {};
      for (const truth of goldenRecords({ source: "exact-mpmath" }).filter(exact)) {
        const matrix = goldenCase(truth);
        // Zero gradients are left out by us, and in the hull for the others: no common question.
        if (truth.undefined !== undefined || matrix.some((row) => row.every((x) => x === 0))) continue;
        const note = (name: string, error: number): void => {
          if (!(error <= Math.max(...(errors[name] ?? []), -1))) worst[name] = truth.input.case ?? "";
          (errors[name] ??= []).push(error);
        };
        note("gradpool", deviation(poolSteps(pool, [matrix]).steps[0]?.combined as number[], truth));
        for (const [name, select] of Object.entries(peers)) {
          for (const record of all) {
            if (record.input.case !== truth.input.case) continue;
            const factor = select(record, matrix.length);
            if (factor === undefined) continue;
            const got = record.output === undefined ? [NaN] : flatten(record.output).map((x) => factor * x);
            note(name, deviation(got, truth));
          }
        }
      }
      table[title] = Object.fromEntries(
        Object.entries(errors).map(([name, list]) => [
          name,
          `${show(Math.max(...list))} ${worst[name]} (${list.length})`,
        ]),
      );
      expect(errors["gradpool"]?.length).toBeGreaterThan(5);
      for (const name of Object.keys(peers)) expect(errors[name]?.length).toBeGreaterThan(5);
      expect(Math.max(...(errors["gradpool"] as number[]))).toBeLessThan(1e-9);
    });
  }
});
