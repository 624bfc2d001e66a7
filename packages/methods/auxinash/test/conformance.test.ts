import { describeMethod } from "@gradpool/testkit";
import { describe, it } from "vitest";
import { methods } from "../src/index.js";

for (const method of methods) describeMethod(method, { describe, it });
