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

/** Whether code that only data names may run: the caller allowed it, or it is a package of our scope. */
export function isAllowed(name: string, cwd: string, allow: readonly string[]): boolean {
  const { source } = splitMember(name);
  if (/^@gradpool\/[\w-]+$/.test(source)) return true;
  return allow.some((allowed) => {
    const other = splitMember(allowed).source;
    return isPath(source) ? isPath(other) && resolve(cwd, other) === resolve(cwd, source) : other === source;
  });
}

/** The refusal of code that only data names. Code `usage`. */
export function notAllowed(name: string, kind: "pool" | "model" = "pool"): GradpoolError {
  const { source } = splitMember(name);
  return new GradpoolError({
    code: "usage",
    what: `${isPath(source) ? "a file" : "a package"} that only data names would run`,
    where: kind === "pool" ? placeOf(name) : `model ${source}`,
    remedy: `if you trust it, allow it: --allow ${source}`,
  });
}
