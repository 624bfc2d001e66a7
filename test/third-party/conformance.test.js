import { describe, it } from "node:test";
import { describeMethod } from "@gradpool/testkit";
import { methods } from "./even-norm.js";

for (const method of methods) describeMethod(method, { describe, it });
