import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { failure } from "./error.js";
import type { Wheel } from "./unzip.js";

/** The two libraries of the wheel that the binding links to, as the wheel and their own SONAME call them. */
export const tensorflowLibraries: readonly string[] = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

const prefix = "tensorflow/include/";
const included = /^\s*#\s*include\s+"([^"]+)"/gm;

const includesOf = (source: string): string[] => [...source.matchAll(included)].map((match) => match[1] as string);

/**
 * Unpacks the headers that the binding's sources reach, about twenty of the wheel's ten thousand, by following `#include "…"`.
 * The binding is plain C++ over two C interfaces, TensorFlow's and Node-API's, so nothing else of either is needed:
 * no node-gyp (hence no Python) and no headers of Node itself.
 */
export async function extractHeaders(wheel: Wheel, binding: string, to: string): Promise<number> {
  const present = new Set(wheel.names);
  const sources = readdirSync(binding).filter((name) => /\.(cc|h)$/.test(name));
  const queue = sources.flatMap((name) => includesOf(readFileSync(join(binding, name), "utf8")));
  const seen = new Set<string>();
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name) || !present.has(prefix + name)) continue;
    seen.add(name);
    const text = await wheel.text(prefix + name);
    mkdirSync(join(to, dirname(name)), { recursive: true });
    writeFileSync(join(to, name), text);
    queue.push(...includesOf(text));
  }
  if (!seen.has("tensorflow/c/c_api.h"))
    throw failure(
      "damaged",
      "the wheel has no tensorflow/c/c_api.h",
      wheel.path,
      "name another version with --tensorflow",
    );
  return seen.size;
}

/** The C++ compiler: `$CXX`, or the first of c++, g++ and clang++ on the path. */
export function findCompiler(env: NodeJS.ProcessEnv = process.env): string {
  const asked = env["CXX"];
  if (asked !== undefined && asked !== "") return asked;
  const folders = (env["PATH"] ?? "").split(delimiter);
  const found = ["c++", "g++", "clang++"].find((name) => folders.some((folder) => existsSync(join(folder, name))));
  if (found === undefined)
    throw failure(
      "not-found",
      "no C++ compiler (c++, g++ or clang++) to build the binding with",
      "PATH",
      "install one (Debian, Ubuntu: apt install g++) or name it in CXX",
    );
  return found;
}

async function runCompiler(compiler: string, options: readonly string[], signal?: AbortSignal): Promise<void> {
  const [command = compiler, ...first] = compiler.split(/\s+/);
  const child = spawn(command, [...first, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const status = await new Promise<number | string>((done) => {
    child.on("error", (error) => done(error.message));
    child.on("close", (code, killed) => done(code ?? killed ?? "killed"));
  });
  signal?.throwIfAborted();
  if (status === 0) return;
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line = lines.find((text) => /error/i.test(text)) ?? lines.at(-1) ?? String(status);
  throw failure(
    "failed",
    `the binding does not compile: ${line.trim()}`,
    compiler,
    "a compiler with C++17 is needed: g++ 8 or clang++ 7 and newer",
  );
}

export interface Binding {
  readonly compiler: string;
  /** The package's `binding/` folder. */
  readonly sources: string;
  readonly include: string;
  /** Where object files may lie. */
  readonly scratch: string;
  readonly napi: number;
  readonly signal?: AbortSignal | undefined;
}

/** Compiles tfjs-node's own sources; returns the object files. Runs while the libraries are still being unpacked. */
export async function compileObjects(binding: Binding): Promise<string[]> {
  const { include_dir: nodeApi } = createRequire(import.meta.url)("node-api-headers") as { include_dir: string };
  const sources = readdirSync(binding.sources).filter((name) => name.endsWith(".cc"));
  const objects: string[] = [];
  for (const source of sources) {
    const object = join(binding.scratch, source.replace(/\.cc$/, ".o"));
    const include = [nodeApi, binding.include, binding.sources].flatMap((folder) => ["-I", folder]);
    const flags = ["-std=c++17", "-O2", "-fPIC", `-DNAPI_VERSION=${binding.napi}`];
    await runCompiler(
      binding.compiler,
      [...flags, ...include, "-c", join(binding.sources, source), "-o", object],
      binding.signal,
    );
    objects.push(object);
  }
  return objects;
}

/** Links the binding so that it looks for TensorFlow beside itself and nowhere else: no LD_LIBRARY_PATH. */
export async function linkBinding(
  compiler: string,
  objects: readonly string[],
  to: string,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const libraries = [...tensorflowLibraries.map((name) => join(folder, name)), "-Wl,-rpath,$ORIGIN"];
  await runCompiler(compiler, ["-shared", ...objects, ...libraries, "-o", to], signal);
}
