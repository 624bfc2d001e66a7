import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, it } from "vitest";
import { imtl } from "../src/index.js";

describePareto("IMTL-G", () => imtl(), {}, { describe, it });
