import { failure } from "./error.js";
import type { Machine } from "./platform.js";
import { wheelArch } from "./platform.js";
import { compareVersions, satisfies } from "./version.js";

/** One file that a package index offers. */
export interface IndexFile {
  readonly filename: string;
  readonly url: string;
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
  readonly yanked?: boolean | undefined;
}

interface WheelName {
  readonly project: string;
  readonly version: string;
  readonly python: string;
  readonly platforms: readonly string[];
}

/** `name-version(-build)?-python-abi-platform.whl` of PEP 427; undefined for anything else. */
export function parseWheelName(filename: string): WheelName | undefined {
  const parts = filename.replace(/\.whl$/, "").split("-");
  if (!filename.endsWith(".whl") || parts.length < 5 || parts.length > 6) return undefined;
  const platforms = (parts.at(-1) as string).split(".");
  return { project: parts[0] as string, version: parts[1] as string, python: parts.at(-3) as string, platforms };
}

/** PEP 503: runs of `-`, `_` and `.` are one dash, in lower case. */
export const normalize = (project: string): string => project.toLowerCase().replaceAll(/[-_.]+/g, "-");

const legacy: Readonly<Record<string, number>> = { manylinux1: 5, manylinux2010: 12, manylinux2014: 17 };

/** True when a `manylinux_2_N_arch` (or older) tag runs on this machine's glibc; `any` always does. */
export function runsHere(tag: string, machine: Machine, arch: string): boolean {
  if (tag === "any") return true;
  const match = /^(manylinux(?:\d+|_2_\d+))_(x86_64|aarch64)$/.exec(tag);
  if (match === null || match[2] !== arch) return false;
  const name = match[1] as string;
  const minor = legacy[name] ?? Number(name.replace("manylinux_2_", ""));
  return Number(machine.glibc?.split(".")[1] ?? -1) >= minor;
}

const pythonVersion = (tag: string): number => Number(/^cp3(\d+)$/.exec(tag)?.[1] ?? 0);

/**
 * The newest wheel within a version specifier (`==2.19.1`, `>=12.5,<13`) that holds a library for this machine. The Python tag does not
 * matter, because only C libraries are taken out: the newest is chosen, so that two machines choose alike. A yanked file is a last resort.
 */
export function chooseWheel(
  files: readonly IndexFile[],
  project: string,
  specifier: string,
  machine: Machine,
  gpu: boolean,
): IndexFile {
  const arch = wheelArch(machine, gpu);
  const runnable = files.flatMap((file) => {
    const name = parseWheelName(file.filename);
    const fits =
      name !== undefined &&
      normalize(name.project) === normalize(project) &&
      name.platforms.some((tag) => runsHere(tag, machine, arch));
    return fits ? [{ file, name }] : [];
  });
  const best = runnable
    .filter(({ name }) => satisfies(name.version, specifier))
    .sort(
      (a, b) =>
        Number(a.file.yanked ?? false) - Number(b.file.yanked ?? false) ||
        compareVersions(b.name.version, a.name.version) ||
        pythonVersion(b.name.python) - pythonVersion(a.name.python),
    )[0];
  if (best !== undefined) return best.file;
  const versions = [...new Set(runnable.map(({ name }) => name.version))].sort(compareVersions);
  throw failure(
    "not-found",
    `no wheel of ${project}${specifier} fits linux ${arch} with glibc ${machine.glibc ?? "?"}`,
    "package index",
    `${versions.length === 0 ? "it offers none for this machine" : `it offers ${versions.slice(-6).join(", ")}`}; name another with --tensorflow, or a file with --wheel`,
  );
}

/** A requirement of a wheel: a project and the versions it may have. */
export interface Requirement {
  readonly project: string;
  readonly specifier: string;
}

/** The requirements of an extra, from a wheel's METADATA: `Requires-Dist: name ==1.2 ; extra == 'and-cuda'`. */
export function extraRequirements(metadata: string, extra: string): Requirement[] {
  return metadata.split(/\r?\n/).flatMap((line) => {
    const match = /^Requires-Dist:\s*([\w.-]+)\s*\(?([^;)]*)\)?\s*;(.*)$/.exec(line);
    if (match === null || !new RegExp(`extra\\s*==\\s*['"]${extra}['"]`).test(match[3] as string)) return [];
    return [{ project: match[1] as string, specifier: (match[2] as string).replaceAll(/\s/g, "") }];
  });
}
