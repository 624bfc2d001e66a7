import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { alignedMtl } from "../src/index.js";

describePareto("Aligned-MTL", () => alignedMtl(), { disparate: { rate: 5e-4, steps: 20_000 } }, { describe, it });
