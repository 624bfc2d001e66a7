/** Labelled rows beyond what is kept in memory go to files: the metrics are the same, and the files go. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { labelledRows } from "../src/evaluate/labelled-rows.js";

const metrics = ["auc", "gauc", "gauc:mean", "logloss", "ne", "rmse"];
const folders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`gradpool-rows-${process.pid}-`));

describe("labelled rows", () => {
  it.each(Array.from({ length: 20 }, (_, k) => k))(
    "in files have the metrics of those in memory, to 1e-12 (case %i)",
    (seed) => {
      const random = createRandom(seed, 1);
      const [files, memory] = [labelledRows(1 + random.int(700)), labelledRows()];
      for (let k = 0; k < 3000; k++) {
        const label = random.uniform() < 0.2 ? 1 : 0;
        const p = 1 / (1 + Math.exp(-(random.normal() + 0.8 * label)));
        const row = [seed % 2 === 0 ? p : Math.round(16 * p) / 16, label, random.int(60)] as const;
        files.add(...row);
        memory.add(...row);
      }
      expect(folders()).toHaveLength(1);
      expect(files.size).toBe(3000);
      const [found, held] = [files.judge(metrics).values, memory.judge(metrics).values];
      for (const name of metrics)
        expect(Math.abs((found[name] as number) - (held[name] as number)), name).toBeLessThanOrEqual(1e-12);
      expect([found["auc"], found["gauc"]]).toEqual([held["auc"], held["gauc"]]);
      const [own, other] = [files.perUser(metrics), memory.perUser(metrics)];
      expect(own.users).toEqual(other.users);
      own.values["auc"]?.forEach((value, k) => expect(value).toBeCloseTo(other.values["auc"]?.[k] as number, 9));
      files.close();
      expect(folders()).toEqual([]);
    },
  );
});
