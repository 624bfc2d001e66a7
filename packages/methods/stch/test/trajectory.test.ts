import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { stch } from "../src/index.js";

describePareto("STCH", () => stch(), { disparate: { rate: 1e-4, steps: 40_000 } }, { describe, it });
