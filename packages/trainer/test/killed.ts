import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { JsonObject } from "@gradpool/core";
import { readSnapshot } from "../src/index.js";
import type { ChildArguments } from "./killed-child.js";

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly steps: number;
  readonly result: unknown;
  readonly stderr: string;
}

/** Runs the bundled child. `killAfter`: kill -9 so many milliseconds after it has said that it did so many steps. */
export function train(
  program: string,
  args: ChildArguments,
  killAfter?: { readonly steps: number; readonly delay: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, JSON.stringify(args)], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    let steps = 0;
    let result: unknown;
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("result ")) result = JSON.parse(line.slice("result ".length));
      else if (line.startsWith("step ") && ++steps === killAfter?.steps) {
        setTimeout(() => child.kill("SIGKILL"), killAfter.delay);
      }
    });
    child.once("close", (code, signal) => resolve({ code, signal, steps, result, stderr }));
  });
}

/** All that a checkpoint holds, but for the seconds that training took, which the digests of other checkpoints are made of too. */
export function bitsOf(path: string): object {
  const { json, arrays } = readSnapshot(path);
  const run = json["fit"] as JsonObject;
  const candidates = (run["candidates"] as readonly { readonly epoch: number }[] | undefined)?.map(
    ({ epoch }) => epoch,
  );
  return {
    ...json,
    fit: { ...run, trainingSeconds: null, epochSeconds: null, bestDigest: null, candidates },
    arrays: [...arrays].map(([name, array]) => [name, Buffer.from(array.buffer as ArrayBuffer).toString("base64")]),
  };
}

export const checkpoints: readonly string[] = ["best.gradpool", "newest.gradpool", "previous.gradpool"];
