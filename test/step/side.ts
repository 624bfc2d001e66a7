import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { GradpoolError } from "@gradpool/core";
import type { Block, Ready } from "./types.js";

/** A process that runs steps when told to, and rests otherwise. */
export interface Side {
  readonly method: string;
  readonly ready: Ready;
  run(steps: number): Promise<Block>;
  stop(): void;
}

/** Starts a side. Its standard error is kept for the message, should it end before it is stopped. */
export async function startSide(method: string, command: string, args: readonly string[]): Promise<Side> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const died = new Promise<never>((_, reject) => {
    const fail = (what: string, cause?: unknown): void =>
      reject(
        new GradpoolError({
          code: "failed",
          what,
          where: `${command} ${args[0] ?? ""}, method ${method}`,
          remedy: said.trim() === "" ? "run it by hand to see why" : said.trim(),
          cause,
        }),
      );
    child.on("error", (error) => fail(error.message, error));
    child.on("close", (code) => fail(`ended with code ${code}`));
  });
  died.catch(() => undefined);
  const next = async <T>(): Promise<T> => {
    const { value, done } = await Promise.race([lines.next(), died]);
    return done === true ? await died : (JSON.parse(value) as T);
  };
  const ready = await next<Ready>();
  return {
    method,
    ready,
    run(steps) {
      child.stdin.write(`${steps}\n`);
      return next<Block>();
    },
    stop: () => void child.stdin.end(),
  };
}
