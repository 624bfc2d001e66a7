/** What a cached build depends on: everything that it reads, or it would be stale; nothing else, or it would be made for nothing. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { root } from "../tooling/workspace.mjs";

interface Task {
  readonly package: string;
  readonly directory: string;
  readonly command: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const dryRun = execFileSync(join(root, "node_modules/.bin/turbo"), ["run", "build", "--dry=json"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 28,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
});
const { tasks } = JSON.parse(dryRun) as { readonly tasks: readonly Task[] };
const builds = tasks.filter(({ command }) => command !== "<NONEXISTENT>");

/** A program of the build with all that it imports by relative paths. */
function reached(path: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, from] of readFileSync(path, "utf8").matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";/gm))
    reached(join(dirname(path), from as string), found);
  return found;
}

/** The programs outside a package's folder that its build runs, and the settings that bundling reads. */
function toolsOf({ directory, command }: Task): readonly string[] {
  const folder = join(root, directory);
  const config = join(folder, "tsup.config.mjs");
  const [, script] = /^node (\S+)$/.exec(command) ?? [];
  const programs = reached(script === undefined ? config : join(folder, script));
  const settings = ["tsconfig.json", "tooling/tsconfig.base.json"].map((name) => join(root, name));
  return [...programs, ...settings].filter((path) => relative(folder, path).startsWith("..")).sort();
}

const toolInputs = ({ directory, inputs }: Task): readonly string[] =>
  Object.keys(inputs)
    .map((path) => join(root, directory, path))
    .filter((path) => relative(join(root, directory), path).startsWith(".."))
    .sort();

it.each(builds.map((task) => [task.package, task] as const))("%s", (_name, task) => {
  // Two small files are of all packages: one that none but methods run, and one that none but the others do.
  const shared = ["tooling/build-method.mjs", "tooling/tsup.mjs"].map((name) => join(root, name));
  const wanted = toolsOf(task);
  expect(toolInputs(task)).toEqual(expect.arrayContaining([...wanted]));
  expect(toolInputs(task).filter((path) => !wanted.includes(path) && !shared.includes(path))).toEqual([]);
  expect(
    existsSync(join(root, task.directory, "tsup.config.mjs")) ? Object.keys(task.inputs) : ["tsup.config.mjs"],
  ).toContain("tsup.config.mjs");
});
