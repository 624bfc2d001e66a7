#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { benchStep } from "./dist/cli.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
process.exitCode = await benchStep(process.argv.slice(2), {
  self: here("bench-step.js"),
  peers: here("../peers"),
});
