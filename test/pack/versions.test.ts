/** What changesets makes of a change, tried on a copy of the workspace's manifests. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { WorkspacePackage } from "../../tooling/workspace.mjs";
import { publishable, root, run, temporaryFolder } from "./workspace.js";

const git = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
const folders: { dispose(): void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.dispose()));

/** Applies changesets (package → kind of change) to a copy; answers with the new version of each package that changed. */
function release(changes: Readonly<Record<string, "patch" | "minor" | "major">>): Readonly<Record<string, string>> {
  const folder = temporaryFolder("versions");
  folders.push(folder);
  const copy = (file: string): void => cpSync(join(root, file), join(folder.path, file));
  mkdirSync(join(folder.path, ".changeset"));
  ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".changeset/config.json"].forEach(copy);
  for (const entry of publishable()) {
    mkdirSync(join(folder.path, entry.folder), { recursive: true });
    copy(join(entry.folder, "package.json"));
  }
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"), "junction");
  writeFileSync(join(folder.path, ".gitignore"), "node_modules\n");
  run("git", ["init", "--quiet", "--initial-branch=main"], folder.path);
  run("git", [...git, "add", "."], folder.path);
  run("git", [...git, "commit", "--quiet", "--message=copy"], folder.path);
  const lines = Object.entries(changes).map(([name, kind]) => `"${name}": ${kind}`);
  writeFileSync(join(folder.path, ".changeset", "change.md"), `---\n${lines.join("\n")}\n---\n\nA change.\n`);
  run("changeset", ["version"], folder.path, { CI: "true" });
  return Object.fromEntries(
    publishable().flatMap((entry) => {
      const path = join(folder.path, entry.folder, "package.json");
      const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version: string };
      return version === entry.version ? [] : [[entry.name, version]];
    }),
  );
}

function bump(version: string, part: "patch" | "minor"): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return part === "minor" ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

const find = (name: string): WorkspacePackage => publishable().find((entry) => entry.name === name) as WorkspacePackage;

/** Packages that need `name` to run, directly or through one another. */
function dependents(name: string, found: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const direct = publishable().filter(
    (entry) => !found.has(entry.name) && entry.manifest.dependencies?.[name] !== undefined,
  );
  return direct.reduce((all, entry) => dependents(entry.name, new Set([...all, entry.name])), found);
}

describe("a release", () => {
  it("of a fix to one method is of that package alone", () => {
    const pcgrad = find("@gradpool/pcgrad");
    expect(release({ "@gradpool/pcgrad": "patch" })).toEqual({ "@gradpool/pcgrad": bump(pcgrad.version, "patch") });
  });

  it("of a fix to core is of core alone: its dependents take it by their ranges", () => {
    const core = find("@gradpool/core");
    expect(release({ "@gradpool/core": "patch" })).toEqual({ "@gradpool/core": bump(core.version, "patch") });
  });

  it("of a minor of core gives a patch to each of its dependents, and nothing to the others", () => {
    const core = find("@gradpool/core");
    const expected = [...dependents("@gradpool/core")].map((name) => [name, bump(find(name).version, "patch")]);
    expect(expected.length).toBeGreaterThan(7);
    expect(release({ "@gradpool/core": "minor" })).toEqual({
      ...Object.fromEntries(expected),
      "@gradpool/core": bump(core.version, "minor"),
    });
  });
});
