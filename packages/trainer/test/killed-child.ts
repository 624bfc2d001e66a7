/**
 * The process that killed-run.test.ts kills: one run of `fit`, its arguments as JSON. Says each step on
 * stdout, then its result.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { fit, selectBackend } from "../src/index.js";
import { comparable } from "./fit-helpers.js";
import { graphRun } from "./graph-runs.js";
import { type Kind, tensorRun } from "./tensor-runs.js";

export interface ChildArguments {
  readonly kind: Kind | "graph";
  readonly backend: "cpu" | "wasm" | "node" | "node-gpu";
  readonly folder: string;
  readonly monitor?: string;
  /** Die inside a write of a checkpoint: at the `count`-th call of this function of node:fs. */
  readonly dieAt?: {
    readonly call: "linkSync" | "writeSync" | "fsyncSync" | "renameSync";
    readonly count: number;
  };
}

const { kind, backend, folder, monitor, dieAt } = JSON.parse(process.argv[2] as string) as ChildArguments;
const say = fs.writeSync;

const { tf } = await selectBackend(backend, { log: null });
const change = { checkpoint: { folder, everySteps: 3 }, resume: true, ...(monitor !== undefined && { monitor }) };
const options = kind === "graph" ? graphRun(change) : tensorRun(tf, kind, change).options;
const run = fit(options);
let armed = false;
for await (const event of run) {
  // From here on what is written are checkpoints: the folder's lock has been taken.
  if (dieAt !== undefined && !armed) arm(dieAt.call, dieAt.count);
  armed = true;
  if (event.type === "step") say(1, `step ${event.step}\n`);
}
say(1, `result ${JSON.stringify(comparable(await run.result()))}\n`);

/** Kills this process, as kill -9 does, after half of what the call was to write, or right before the call. */
function arm(call: NonNullable<ChildArguments["dieAt"]>["call"], count: number): void {
  let left = count;
  const real = fs[call] as (...values: unknown[]) => unknown;
  Object.assign(fs, {
    [call](...values: unknown[]) {
      // A folder is flushed once its file has its name: that is no moment inside a write.
      if (call === "fsyncSync" && fs.fstatSync(values[0] as number).isDirectory()) return real(...values);
      if (--left > 0) return real(...values);
      if (call === "writeSync") {
        const [file, bytes, from = 0] = values as [number, Uint8Array, number?];
        real(file, bytes, from, Math.floor((bytes.length - from) / 2));
      }
      process.kill(process.pid, "SIGKILL");
      throw new Error("still alive");
    },
  });
  syncBuiltinESMExports();
}
