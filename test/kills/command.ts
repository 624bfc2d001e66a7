/** The built command in a process of its own, unbroken or killed by strace in a system call. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Moment } from "./moments.js";

const command = fileURLToPath(new URL("../../packages/cli/bin/gradpool.js", import.meta.url));

export interface Ended {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It had not ended after minutes, and was ended by the test. */
  readonly hung: boolean;
}

/** Nothing here takes ten seconds. A guard, so that a hang is a result and not the end of the test. */
const patience = 240_000;

function ran(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  return new Promise<Ended>((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    let hung = false;
    const guard = setTimeout(() => {
      hung = true;
      process.kill(-child.pid!, "SIGKILL");
    }, patience);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (error) => (stderr += String(error)));
    child.once("close", (code, signal) => {
      clearTimeout(guard);
      resolve({ code, signal, stdout, stderr, hung });
    });
  });
}

export const gradpool = (cwd: string, args: readonly string[]): Promise<Ended> =>
  ran(process.execPath, [command, ...args], cwd);

export const hasStrace = (): Promise<boolean> => ran("strace", ["-V"], ".").then(({ code }) => code === 0);

/** Which threads and processes are killed: all that the command starts, or its own first thread alone. */
export type Reach = "all" | "first";

/** strace counts calls by thread: with one thread for the files, their order is the program's. */
const oneThread = { UV_THREADPOOL_SIZE: "1" };

async function traced(cwd: string, args: readonly string[], reach: Reach, asked: readonly string[]) {
  const log = join(cwd, ".strace");
  const follow = reach === "all" ? ["-f"] : [];
  const ended = await ran("strace", [...follow, "-qq", "-o", log, ...asked, process.execPath, command, ...args], cwd, oneThread); // prettier-ignore
  const lines = readFileSync(log, "utf8").split("\n");
  rmSync(log);
  return { ended, lines };
}

/** How often the busiest thread makes each of these system calls. */
export async function countCalls(
  cwd: string,
  args: readonly string[],
  reach: Reach,
  calls: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { ended, lines } = await traced(cwd, args, reach, ["-e", `trace=${calls.join(",")}`]);
  if (ended.code !== 0) throw new Error(`an unbroken run failed: ${ended.stderr}`);
  const byThread = new Map<string, number>();
  for (const line of lines) {
    const [, thread = "", call] = /^(\d+ +)?([a-z0-9]+)\(/.exec(line) ?? [];
    if (call !== undefined) byThread.set(`${thread} ${call}`, (byThread.get(`${thread} ${call}`) ?? 0) + 1);
  }
  return new Map(
    calls.map((call) => [call, Math.max(0, ...[...byThread].flatMap(([key, count]) => (key.endsWith(` ${call}`) ? count : [])))]), // prettier-ignore
  );
}

/** Sends a signal at a thread's `nth` call of `call`: 9 kills, 2 is Ctrl-C. Answers with whether it was killed, or had come so far. */
export async function signalAt(
  cwd: string,
  args: readonly string[],
  reach: Reach,
  { call, nth }: Moment,
  signal: 2 | 9,
): Promise<{ readonly reached: boolean; readonly ended: Ended }> {
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=${signal}:when=${nth}`];
  const { ended, lines } = await traced(cwd, args, reach, inject);
  return { ended, reached: lines.some((line) => /\+\+\+ killed by SIGKILL|--- SIGINT /.test(line)) };
}
