import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { install, status, uninstall } from "@gradpool/native";
import type { Index, Served } from "./fixture.js";
import { makeProject, makeWheel, pipEnv, serveIndex, snapshot, temporary, wheelName } from "./fixture.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
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
  for (const [name, value] of Object.entries(pipEnv(served))) vi.stubEnv(name, value);
  return served;
}

const wheel = makeWheel();

describe("install", () => {
  it("takes the nearest version that is known to work where the default is not offered, and says so in one line", async () => {
    const { root } = project();
    await index({ [wheelName("2.21.0")]: { bytes: makeWheel({ version: "2.21.0" }) } });
    const lines: string[] = [];
    const again = { cwd: root, via: "https", onStep: (line: string) => lines.push(line) } as const;
    expect(await install(again)).toMatchObject({
      action: "installed",
      tensorflow: "2.21.0",
      check: { tensorflow: "2.21.0" },
    });
    const about = lines.filter((line) => line.includes("2.19.1"));
    expect(about).toHaveLength(1);
    expect(about[0]).toMatch(
      /^no tensorflow.* 2\.19\.1 is offered: taking 2\.21\.0, the nearest that is known to work$/,
    );
    expect(await install(again)).toMatchObject({ action: "already", tensorflow: "2.21.0" });
    await expect(install({ ...again, force: true, tensorflow: "2.19.1" })).rejects.toThrow(/no wheel of .*==2\.19\.1/);
  });

  it("says what the default was refused for where no known version is offered", async () => {
    const { root } = project();
    await index({ [wheelName("2.20.0")]: { bytes: wheel } });
    await expect(install({ cwd: root, via: "https" })).rejects.toThrow(
      /no wheel of .*==2\.19\.1 fits .*it offers 2\.20\.0/,
    );
  });

  it("puts the wheel's library under the package, checks it and says so", async () => {
    const { root, directory } = project();
    await index({ [wheelName("2.19.1")]: { bytes: wheel } });
    const before = snapshot(directory);
    const lines: string[] = [];
    const result = await install({ cwd: root, onStep: (line) => lines.push(line) });
    expect(result).toMatchObject({
      action: "installed",
      package: "@tensorflow/tfjs-node",
      tensorflow: "2.19.1",
      gpu: false,
    });
    expect(result.check).toEqual({
      tensorflow: "2.19.1",
      device: "cpu",
      matmul: [19, 22, 43, 50],
      gradient: [7, 11, 9, 13],
    });
    expect(lines.join("\n")).toMatch(/unpacking .*\n.*checking a matrix product and a gradient/);
    const added = Object.keys(snapshot(directory)).filter((path) => !(path in before));
    const folder = "/lib/napi-v8";
    const names = [
      "gradpool-native.json",
      "libtensorflow_cc.so.2",
      "libtensorflow_framework.so.2",
      "tfjs_binding.node",
    ];
    expect(added.sort()).toEqual(names.map((name) => `${folder}/${name}`));
    expect(await status({ cwd: root })).toMatchObject([
      { library: "ours", check: { tensorflow: "2.19.1" } },
      { library: "absent" },
    ]);
  });

  it("does nothing, and asks the index for nothing, when it is already done", async () => {
    const { root, directory } = project();
    const served = await index({ [wheelName("2.19.1")]: { bytes: wheel } });
    await install({ cwd: root });
    const [before, asked] = [snapshot(directory), served.asked.length];
    expect(await install({ cwd: root })).toMatchObject({ action: "already", tensorflow: "2.19.1" });
    expect(snapshot(directory)).toEqual(before);
    expect(served.asked.length).toBe(asked);
  });

  it("mends an installation that no longer works", async () => {
    const { root, directory } = project();
    await index({ [wheelName("2.19.1")]: { bytes: wheel } });
    await install({ cwd: root });
    writeFileSync(join(directory, "lib/napi-v8/libtensorflow_cc.so.2"), "truncated");
    expect((await status({ cwd: root }))[0]).toMatchObject({
      library: "ours",
      problem: expect.stringContaining("TensorFlow does not run"),
    });
    expect(await install({ cwd: root })).toMatchObject({ action: "installed" });
  });

  it("installs from a file without any index", async () => {
    const { root } = project();
    const served = await index({});
    const folder = temporary();
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, wheelName("2.18.0"));
    writeFileSync(file, makeWheel({ version: "2.18.0" }));
    expect(await install({ cwd: root, wheel: file })).toMatchObject({ action: "installed", tensorflow: "2.18.0" });
    expect(served.asked).toEqual([]);
  });

  it("replaces one version by another", async () => {
    const { root } = project();
    await index({
      [wheelName("2.19.1")]: { bytes: wheel },
      [wheelName("2.18.0")]: { bytes: makeWheel({ version: "2.18.0" }) },
    });
    await install({ cwd: root, tensorflow: "2.18.0" });
    expect(await install({ cwd: root })).toMatchObject({ action: "installed", check: { tensorflow: "2.19.1" } });
  });
});

describe("uninstall", () => {
  it("leaves the package as it was, and a second run finds nothing to do", async () => {
    const { root, directory } = project();
    await index({ [wheelName("2.19.1")]: { bytes: wheel } });
    const before = snapshot(directory);
    await install({ cwd: root });
    expect(await uninstall({ cwd: root })).toMatchObject({ action: "removed", tensorflow: "2.19.1", restored: false });
    expect(snapshot(directory)).toEqual(before);
    expect(await uninstall({ cwd: root })).toMatchObject({ action: "absent" });
  });

  it("gives back the library that the package's own script had put there, after two installs too", async () => {
    const { root, directory } = project();
    mkdirSync(join(directory, "lib/napi-v8"), { recursive: true });
    writeFileSync(join(directory, "lib/napi-v8/tfjs_binding.node"), "stock");
    await index({ [wheelName("2.19.1")]: { bytes: wheel } });
    const before = snapshot(directory);
    await install({ cwd: root });
    await install({ cwd: root, force: true });
    expect(await uninstall({ cwd: root })).toMatchObject({ action: "removed", restored: true });
    expect(snapshot(directory)).toEqual(before);
  });

  it("does not touch a library that is not ours", async () => {
    const { root, directory } = project();
    mkdirSync(join(directory, "lib/napi-v8"), { recursive: true });
    writeFileSync(join(directory, "lib/napi-v8/tfjs_binding.node"), "stock");
    expect(await uninstall({ cwd: root })).toMatchObject({ action: "absent" });
    expect(readFileSync(join(directory, "lib/napi-v8/tfjs_binding.node"), "utf8")).toBe("stock");
  });
});

describe("a failed install leaves the package as it was", () => {
  const broken: { name: string; files: Record<string, Served>; message: RegExp; env?: Record<string, string> }[] = [
    {
      name: "when the digest is not the index's",
      files: { [wheelName("2.19.1")]: { bytes: wheel, sha256: "0".repeat(64) } },
      message: /sha256 is [0-9a-f]{64}, the index says 0{64} \(tensorflow.*whl\): try again/,
    },
    {
      name: "when the wheel's RECORD disagrees",
      files: { [wheelName("2.19.1")]: { bytes: makeWheel({ wrongRecord: true }) } },
      message: /libtensorflow_cc\.so\.2 does not have the digest that the wheel's RECORD gives/,
    },
    {
      name: "when the wheel is no wheel",
      files: { [wheelName("2.19.1")]: { bytes: wheel.slice(0, 1000) } },
      message: /not a readable wheel/,
    },
    {
      name: "when the download breaks off every time",
      files: {
        [wheelName("2.19.1")]: {
          bytes: wheel,
          send: (response, bytes) => response.write(bytes.slice(0, 2000), () => response.destroy()),
        },
      },
      message: /the download broke off/,
    },
    {
      name: "when the library lacks what the binding calls",
      files: { [wheelName("2.19.1")]: { bytes: makeWheel({ library: "int nothing;" }) } },
      message: /TensorFlow does not run: .*undefined symbol: TF_Version/,
    },
    {
      name: "when there is no compiler",
      files: { [wheelName("2.19.1")]: { bytes: wheel } },
      env: { PATH: "/nowhere" },
      message: /no C\+\+ compiler .* \(PATH\): install one/,
    },
    {
      name: "when the compiler fails",
      files: { [wheelName("2.19.1")]: { bytes: wheel } },
      env: { CXX: "c++ -Werror -include /nowhere/missing.h" },
      message: /the binding does not compile: .*missing\.h/,
    },
    {
      name: "when the index has no such version",
      files: { [wheelName("2.17.0")]: { bytes: wheel } },
      message: /no wheel of tensorflow(-cpu)?==2\.19\.1 fits .* it offers 2\.17\.0/,
    },
  ];
  for (const { name, files, message, env = {} } of broken) {
    it(name, async () => {
      const { root, directory } = project();
      await index(files);
      for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value);
      const before = snapshot(directory);
      await expect(install({ cwd: root, via: "https" })).rejects.toThrow(message);
      expect(snapshot(directory)).toEqual(before);
    });
  }

  it("when the new version does not run: the old one stays and works", async () => {
    const { root, directory } = project();
    await index({
      [wheelName("2.19.1")]: { bytes: wheel },
      [wheelName("2.20.0")]: { bytes: makeWheel({ version: "2.20.0", library: "int nothing;" }) },
    });
    await install({ cwd: root });
    const before = snapshot(directory);
    await expect(install({ cwd: root, tensorflow: "2.20.0" })).rejects.toThrow(/does not run/);
    expect(snapshot(directory)).toEqual(before);
    expect((await status({ cwd: root }))[0]).toMatchObject({ check: { tensorflow: "2.19.1" } });
  });

  it("when it is stopped in the middle of the download", async () => {
    const { root, directory } = project();
    const stop = new AbortController();
    const send: Served["send"] = (response, bytes) =>
      response.write(bytes.slice(0, 2000), () => setTimeout(() => stop.abort(new Error("stopped")), 50));
    await index({ [wheelName("2.19.1")]: { bytes: wheel, send } });
    const before = snapshot(directory);
    await expect(install({ cwd: root, signal: stop.signal })).rejects.toThrow("stopped");
    expect(snapshot(directory)).toEqual(before);
    expect(existsSync(join(directory, `.gradpool-native-${process.pid}`))).toBe(false);
  });
});

describe("finding the package", () => {
  it("names the command to install it with when it is missing", async () => {
    const root = temporary();
    cleanups.push(() => rmSync(root, { recursive: true }));
    await expect(install({ cwd: root, gpu: true })).rejects.toThrow(
      /@tensorflow\/tfjs-node-gpu is not installed .* npm install --ignore-scripts/,
    );
  });

  it("looks from the project's own folders upwards, as Node does", async () => {
    const { root } = project();
    const inner = join(root, "apps", "one");
    mkdirSync(inner, { recursive: true });
    expect((await status({ cwd: inner }))[0]).toMatchObject({ library: "empty" });
  });
});
