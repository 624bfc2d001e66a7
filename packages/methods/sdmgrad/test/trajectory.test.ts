import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { sdmgrad } from "../src/index.js";

describePareto("SDMGrad", () => sdmgrad(), { disparate: { rate: 5e-4, steps: 20_000 } }, { describe, it });
