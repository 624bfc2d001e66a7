import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { GradpoolError } from "@gradpool/core";
import { resolve as resolveImport } from "import-meta-resolve";
import { noteForeign } from "../foreign.js";

/** True for names that can only be a path. */
export const isPath = (name: string): boolean => /^\.{1,2}[/\\]/.test(name) || isAbsolute(name);

/** Splits `./pools.js:name`. */
export function splitMember(name: string): { source: string; member?: string } {
  const found = /^(.{2,}):([A-Za-z][\w-]*)$/.exec(name);
  return found === null ? { source: name } : { source: found[1] as string, member: found[2] as string };
}

/**
 * A third party's module: a path that starts from `cwd`, or a package installed there; undefined if no such package is
 * installed. `where` says what named it.
 */
export async function loadModule(
  source: string,
  cwd: string,
  where: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const url = locate(source, cwd, where);
  if (url === undefined) return undefined;
  noteForeign(dirname(fileURLToPath(url)), source);
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    throw new GradpoolError({
      code: "failed",
      what: `the module cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: source,
      remedy: remedyOf(source, cause),
      cause,
    });
  }
}

function remedyOf(source: string, cause: unknown): string {
  if (source.endsWith(".ts")) return "compile it to JavaScript first";
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND") return "install what it imports, in the folder where it lies";
  // What Node 20 says of `import` in a file that it takes for CommonJS, as `npm init` has it.
  if (/outside a module|Unexpected token 'export'/.test(message))
    return 'end its name in .mjs, or say "type": "module" in the package.json beside it';
  return "mend the module";
}

/** False for a package that is not installed; a path is there, or it is an error that says so. */
export const isThere = (name: string, cwd: string, where: string): boolean =>
  locate(splitMember(name).source, cwd, where) !== undefined;

function locate(source: string, cwd: string, where: string): string | undefined {
  if (isPath(source)) {
    const path = resolve(cwd, source);
    if (existsSync(path)) return pathToFileURL(path).href;
    throw new GradpoolError({
      code: "not-found",
      what: `no file ${source}`,
      where,
      remedy: "give a path that starts from the working folder",
    });
  }
  try {
    return resolveImport(source, pathToFileURL(join(cwd, "package.json")).href);
  } catch {
    return undefined;
  }
}
