import { createRandom, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, type Matrix, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { rlw } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describe("random loss weighting answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "RLW (Random)" })) {
    it(`matches ${titleOf(record)}`, () => {
      const gradients = record.input["gradients"] as Matrix;
      const draws = [...(record.input["z"] as readonly number[])];
      const tasks = taskSet(gradients.length);
      const random = { ...createRandom(0), normal: () => draws.shift() as number };
      const pool = rlw();
      const { combined } = pool.pool(
        taskGradients({ parameters: [{ name: "p", values: gradients }] }),
        { ...poolContext({ tasks }), random },
        pool.init(tasks),
      );
      expectClose(combined.weights?.weights, record.weights);
      expectClose(combined.value("p"), record.output);
    });
  }

  for (const record of recordsOf(golden, { method: "RLW moments" })) {
    it(`matches ${titleOf(record)}`, () => {
      const tasks = taskSet(Number(record.options["T"]));
      const pool = rlw();
      const gradients = taskGradients({ parameters: [{ name: "p", values: tasks.names.map(() => [1]) }] });
      const steps = 40_000;
      const sums = [0, 0, 0];
      const squares = [0, 0, 0];
      for (let step = 1; step <= steps; step++) {
        const { combined } = pool.pool(gradients, poolContext({ tasks, seed: 7, step }), null);
        combined.weights?.weights.forEach((w, i) => {
          sums[i] = (sums[i] as number) + w;
          squares[i] = (squares[i] as number) + w * w;
        });
      }
      const means = sums.map((sum) => sum / steps);
      const variances = squares.map((square, i) => square / steps - (means[i] as number) ** 2);
      // Five standard errors of both estimates: 40,000 draws here, 400,000 in the record (standard deviation 0.222).
      const error = 5 * 0.222 * Math.sqrt(1 / steps + 1 / 400_000);
      const gap = (value: number, recorded: string, i: number): number =>
        Math.abs(value - ((record[recorded] as number[])[i] as number));
      means.forEach((mean, i) => expect(gap(mean, "mean", i)).toBeLessThan(error));
      variances.forEach((variance, i) => expect(gap(variance, "var", i)).toBeLessThan(error / 2));
    });
  }
});
