import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Index, Served } from "./fixture.js";
import { makeProject, makeWheel, pipEnv, serveIndex, snapshot, wheelName } from "./fixture.js";

// The built command, as users run it: `pnpm build` comes before the tests.
const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function project(): { root: string; directory: string } {
  const made = makeProject();
  cleanups.push(() => rmSync(made.root, { recursive: true }));
  return made;
}

async function index(files: Record<string, Served>): Promise<Index> {
  const served = await serveIndex(files);
  cleanups.push(() => served.close());
  return served;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...args], { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const wheel = makeWheel();

describe("gradpool-native", () => {
  it("prints help with examples on --help, and to nobody's surprise with exit code 2 when no subcommand is given", async () => {
    const asked = await run(["--help"], ".");
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toMatch(/Usage[\s\S]*Examples\n {2}npm install[\s\S]*Exit codes/);
    expect(await run([], ".")).toMatchObject({
      code: 2,
      stderr: "gradpool-native: no subcommand (arguments): see --help\n",
    });
  });

  for (const [args, message] of [
    [["bogus"], "unknown subcommand bogus; known: install, uninstall, status (arguments)"],
    [["install", "--wat"], "Unknown option '--wat' (arguments)"],
    [["install", "--via", "ftp"], "unknown way ftp; known: auto, https, pip (--via)"],
    [["install", "--tensorflow", "new"], "new is no version (--tensorflow)"],
    [["install", "here"], "unexpected argument here (install)"],
  ] as const) {
    it(`answers "${args.join(" ")}" with one line and exit code 2`, async () => {
      expect(await run(args, ".")).toEqual({
        code: 2,
        stdout: "",
        stderr: `gradpool-native: ${message}: see --help\n`,
      });
    });
  }

  it("installs, says what it did, does it once, and undoes it; --json gives one document on stdout", async () => {
    const { root } = project();
    const env = pipEnv(await index({ [wheelName("2.19.1")]: { bytes: wheel } }));
    const first = await run(["install"], root, env);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^@tensorflow\/tfjs-node: TensorFlow 2\.19\.1 installed in [\d.]+ s \(.*lib\); matmul and gradient checked on the cpu\n$/,
    );
    expect(first.stderr).toMatch(/\(100 %\)\n.*unpacking .*\n.*checking/);
    expect(JSON.parse((await run(["install", "--json"], root, env)).stdout)).toMatchObject({
      action: "already",
      tensorflow: "2.19.1",
    });
    expect(JSON.parse((await run(["status", "--json"], root)).stdout)).toMatchObject([
      { library: "ours" },
      { library: "absent" },
    ]);
    expect((await run(["status"], root)).stdout).toContain(
      "library put there by gradpool-native; TensorFlow 2.19.1 computes on the cpu",
    );
    expect((await run(["uninstall"], root)).stdout).toMatch(/^@tensorflow\/tfjs-node: removed/);
    expect(await run(["uninstall"], root)).toMatchObject({
      code: 0,
      stdout: "@tensorflow/tfjs-node: nothing of gradpool-native there\n",
    });
  });

  it("fails with one line and exit code 1", async () => {
    const { root } = project();
    const env = pipEnv(await index({ [wheelName("2.19.1")]: { bytes: wheel, sha256: "0".repeat(64) } }));
    const { code, stdout, stderr } = await run(["install", "--json"], root, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trim().split("\n").at(-1)).toMatch(
      /^gradpool-native: sha256 is \w+, the index says 0{64} \(tensorflow.*\.whl\): try again/,
    );
  });
});

describe("an interrupted run", () => {
  /** Starts an installation whose download stalls, and waits until it has begun. */
  async function stalled(root: string): Promise<ChildProcess> {
    let begun = (): void => {};
    const started = new Promise<void>((done) => (begun = done));
    const served = await index({
      [wheelName("2.19.1")]: {
        bytes: wheel,
        send: (response, bytes) => void response.write(bytes.slice(0, 4000), begun),
      },
    });
    const child = spawn(process.execPath, [cli, "install"], {
      cwd: root,
      env: { ...process.env, ...pipEnv(served) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    await started;
    return child;
  }

  it("leaves nothing behind on SIGTERM", async () => {
    const { root, directory } = project();
    const before = snapshot(directory);
    const child = await stalled(root);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr).toMatch(/gradpool-native: stopped by SIGTERM \(install\): nothing was changed; run it again\n$/);
    expect(snapshot(directory)).toEqual(before);
    expect(readdirSync(directory).filter((name) => name.startsWith(".gradpool"))).toEqual([]);
  });

  it("that was killed outright leaves the package working as before, and the next run clears up and finishes", async () => {
    const { root, directory } = project();
    const child = await stalled(root);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(readdirSync(directory)).toContain(`.gradpool-native-${child.pid}`);
    expect(JSON.parse((await run(["status", "--json"], root)).stdout)).toMatchObject([
      { library: "empty" },
      { library: "absent" },
    ]);
    const env = pipEnv(await index({ [wheelName("2.19.1")]: { bytes: wheel } }));
    expect((await run(["install"], root, env)).code).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(["binding", "dist", "lib", "package.json"]);
  });
});
