import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { famo } from "../src/index.js";

describePareto("FAMO", () => famo(), { disparate: { rate: 0.002, steps: 20_000 } }, { describe, it });
