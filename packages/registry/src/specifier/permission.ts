import { isBuiltin } from "node:module";
import { resolve } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { isPath, splitMember } from "./module.js";

/** A URL scheme in front of anything: `data:`, `file://`, `https://`, `node:`. One letter is a drive of Windows. */
const scheme = /^[a-z][a-z\d+.-]+:/i;

const placeOf = (name: string): string => `pool specifier ${name.length > 60 ? `${name.slice(0, 57)}...` : name}`;

/** Refuses URLs and modules of the runtime, whoever names them as a pool (or a model). Code `usage`. */
export function refuseRuntime(name: string, kind: "pool" | "model" = "pool"): void {
  const { source } = splitMember(name);
  if (isPath(source) || !(scheme.test(name) || isBuiltin(source))) return;
  throw new GradpoolError({
    code: "usage",
    what: scheme.test(name)
      ? `a URL, or a module of the runtime, is no ${kind}`
      : `a module of the runtime is no ${kind}`,
    where: kind === "pool" ? placeOf(name) : "model",
    remedy: "give a name of ours, a path that starts with ./, or the name of an installed package",
  });
}

/** Refuses code that only data names, unless the caller allowed it, or it is a package of our scope. Code `usage`. */
export function requireAllowed(
  name: string,
  cwd: string,
  allow: readonly string[],
  kind: "pool" | "model" = "pool",
): void {
  const { source } = splitMember(name);
  if (/^@gradpool\/[\w-]+$/.test(source)) return;
  const same = (allowed: string): boolean => {
    const other = splitMember(allowed).source;
    return isPath(source) ? isPath(other) && resolve(cwd, other) === resolve(cwd, source) : other === source;
  };
  if (allow.some(same)) return;
  throw new GradpoolError({
    code: "usage",
    what: `${isPath(source) ? "a file" : "a package"} that only data names would run`,
    where: kind === "pool" ? placeOf(name) : `model ${source}`,
    remedy: `if you trust it, allow it: --allow ${source}`,
  });
}
