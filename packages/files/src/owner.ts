import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, told apart from every other: numbers of processes are used again. */
export interface Owner {
  readonly pid: number;
  /** When it started, in the kernel's ticks; null where that cannot be read. */
  readonly started: string | null;
  /** Where `pid` has its meaning: the host, its boot and, in containers, the space of process numbers. */
  readonly machine: string;
}

const or = <T, D>(read: () => T, other: D): T | D => {
  try {
    return read();
  } catch {
    return other;
  }
};

function machine(): string {
  const boot = or(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), "");
  const space = or(() => readlinkSync("/proc/self/ns/pid"), "");
  return [hostname(), boot, space].filter((part) => part !== "").join(" ");
}

/** What `/proc/PID/stat` says after the name, which may hold anything: state first, start time twentieth. */
const statOf = (pid: number): readonly string[] | null =>
  or(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  }, null);

export function thisProcess(): Owner {
  return { pid: process.pid, started: statOf(process.pid)?.[19] ?? null, machine: machine() };
}

/** Whether a process runs; null if it is on another machine, which cannot be seen from here. */
export function isRunning(owner: Owner): boolean | null {
  if (owner.machine !== machine()) return null;
  const stat = statOf(owner.pid);
  // A zombie is over: only its parent has not looked yet.
  if (stat !== null)
    return !["Z", "X"].includes(stat[0] ?? "") && (owner.started === null || stat[19] === owner.started);
  if (owner.started !== null) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
