import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { dwa } from "../src/index.js";

// Where an epoch is long enough to reach the minimum of its own weights, DWA swings between two of them.
describePareto(
  "DWA",
  () => dwa(),
  { even: { rate: 0.01, epoch: 2 }, disparate: { rate: 5e-4, steps: 20_000 } },
  { describe, it },
);
