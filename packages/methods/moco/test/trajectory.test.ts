import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { moco } from "../src/index.js";

describePareto("MoCo", () => moco(), { disparate: { rate: 1e-4, steps: 40_000 } }, { describe, it });
