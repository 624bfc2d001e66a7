import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { config } from "../src/index.js";

describePareto("ConFIG", () => config(), { disparate: { rate: 2e-4, steps: 20_000 } }, { describe, it });
