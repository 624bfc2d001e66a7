import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const bin = fileURLToPath(new URL("../../packages/cli/bin/gradpool.js", import.meta.url));

/** Runs the built command as a user would, in a process of its own. */
export function gradpool(
  args: readonly string[],
  { input = "", cwd = process.cwd(), env = {} }: RunOptions = {},
): Promise<Ran> {
  return runNode([bin, ...args], { input, cwd, env });
}

/** Runs the command with its answer going to an open file, or to a reader that is gone. */
export function endOf(args: readonly string[], stdout: number | "closed"): Promise<Omit<Ran, "stdout">> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ["ignore", stdout === "closed" ? "pipe" : stdout, "pipe"],
    });
    child.stdout?.destroy();
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

function runNode(
  args: readonly string[],
  { input = "", cwd = process.cwd(), env = {} }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd, env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => {}); // The command may end before it has read everything; its exit code tells.
    child.stdin.end(input);
  });
}

/** Answers of `gradpool pool` to an array of requests. */
export async function poolRequests(
  requests: readonly unknown[],
  options: RunOptions = {},
): Promise<readonly PoolAnswer[]> {
  const { stdout, stderr } = await gradpool(["pool"], { ...options, input: JSON.stringify(requests) });
  const answers = JSON.parse(stdout) as readonly PoolAnswer[];
  if (answers.length !== requests.length)
    throw new Error(`${answers.length} answers to ${requests.length} requests: ${stderr}`);
  return answers;
}

export interface PoolAnswer {
  readonly method?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly output?: readonly {
    readonly combined: readonly number[] | readonly (readonly number[])[];
    readonly weights: readonly number[] | readonly (readonly number[])[] | null;
    readonly diagnostics?: readonly unknown[];
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}
