/** The built command: a bench, and workers that are killed, stopped and started again. */
import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../packages/cli/bin/gradpool.js", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  /** What it has said on stderr by now. */
  said(): string;
  /** Answers once it has said so, or has ended. */
  says(what: RegExp, times?: number): Promise<void>;
  ended: Promise<number | null>;
}

/** Whether a process may have a host's name of its own here. */
export const hasHosts: boolean = spawnSync("unshare", ["--uts", "hostname", "alpha"]).status === 0;

/** The same on a host of this name: what another machine sees of it, and sees it as. */
export const beginElsewhere = (host: string, cwd: string, args: readonly string[]): Running =>
  heard(spawn("unshare", ["--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host, ...here, ...args], options(cwd)));

export const begin = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running =>
  heard(spawn(process.execPath, [command, ...args], options(cwd, env)));

const here = [process.execPath, command] as const;

const options = (cwd: string, env: Readonly<Record<string, string>> = {}): SpawnOptions => ({
  cwd,
  env: { ...process.env, NO_COLOR: "1", ...env },
  stdio: ["ignore", "ignore", "pipe"],
});

function heard(child: ChildProcess): Running {
  let said = "";
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((one) => one());
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    look();
  });
  let over = false;
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    over = true;
    look();
    return code ?? null;
  });
  return {
    child,
    said: () => said,
    says: (what, times = 1) =>
      new Promise((resolve) => {
        const every = new RegExp(what, `${what.flags.replace("g", "")}g`);
        const check = (): void => {
          if (!over && [...said.matchAll(every)].length < times) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    ended,
  };
}

/** Ends a process and whoever it has started by its signal. */
export async function end(running: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running.child.kill(signal);
  await running.ended;
}
