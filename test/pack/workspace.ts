import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type WorkspacePackage, workspacePackages } from "../../tooling/workspace.mjs";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Every package that is published. */
export const publishable = (): readonly WorkspacePackage[] =>
  workspacePackages().filter(({ manifest }) => manifest.private !== true);

/** A new folder outside the workspace, removed by `dispose`. */
export function temporaryFolder(name: string): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), `gradpool-${name}-`));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Packs the workspace's packages as they would be published; package name → tarball. */
export function packAll(destination: string): ReadonlyMap<string, string> {
  run(process.execPath, [join(root, "tooling", "pack.mjs"), destination], root);
  return new Map(
    publishable().map(({ name, version }) => [
      name,
      join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`),
    ]),
  );
}

/** Runs a command of the workspace's node_modules/.bin, or of the path; its output is in the error if it fails. */
export function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(command, [...args], {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...env, PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}` },
    });
  } catch (cause) {
    const { stdout, stderr } = cause as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed in ${cwd}:\n${stdout ?? ""}${stderr ?? ""}`, { cause });
  }
}

/** A stranger's install: npm, the tarballs, the registry for the rest, no install scripts. */
export function npmInstall(cwd: string): void {
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], cwd);
}
