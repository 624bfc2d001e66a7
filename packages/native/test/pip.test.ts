import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { install } from "@gradpool/native";
import { fetchWheel } from "../src/fetch-wheel.js";
import { thisMachine } from "../src/platform.js";
import type { Index, Served } from "./fixture.js";
import { makeProject, makeWheel, pipEnv, serveIndex, temporary, wheelName } from "./fixture.js";

const wheel = makeWheel();
const file = wheelName("2.19.1");
const cleanups: (() => unknown)[] = [];
let root = "";
beforeEach(() => {
  ({ root } = makeProject());
  cleanups.push(() => rmSync(root, { recursive: true }));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(files: Record<string, Served>, welcome?: (userAgent: string) => boolean): Promise<Index> {
  const served = await serveIndex(files, welcome);
  cleanups.push(() => served.close());
  return served;
}

function settings(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}

/** A program named pip3, first on the path, that "downloads" the wheel from a folder: the default index that only pip knows. */
function pipOfDefaultIndex(): { readonly asked: () => string } {
  const folder = temporary();
  cleanups.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "index"));
  writeFileSync(join(folder, "index", file), wheel);
  const script = `#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> '${folder}/asked'
while [ "$1" != --dest ]; do shift; done
cp '${folder}/index/'* "$2"
`;
  writeFileSync(join(folder, "pip3"), script);
  chmodSync(join(folder, "pip3"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  const log = join(folder, "asked");
  return { asked: () => (existsSync(log) ? readFileSync(log, "utf8") : "") };
}

/** No index-url, and this index beside pip's default one. */
const beside = (index: Index): Record<string, string> => ({
  ...pipEnv(index),
  PIP_INDEX_URL: "",
  PIP_EXTRA_INDEX_URL: index.url,
});

describe("an extra index stands beside pip's default one", () => {
  it("what it lacks is fetched by pip, which knows the default", async () => {
    const extra = await serve({ [wheelName("2.17.0")]: { bytes: makeWheel({ version: "2.17.0" }) } });
    settings(beside(extra));
    const pip = pipOfDefaultIndex();
    expect(await install({ cwd: root })).toMatchObject({ action: "installed", tensorflow: "2.19.1" });
    expect(extra.asked).toHaveLength(1);
    expect(pip.asked()).toMatch(/^download .*==2\.19\.1\n$/);
  });

  it("the pinned version that it has comes from it, without pip", async () => {
    settings(beside(await serve({ [file]: { bytes: wheel } })));
    const pip = pipOfDefaultIndex();
    expect(await install({ cwd: root })).toMatchObject({ action: "installed" });
    expect(pip.asked()).toBe("");
  });

  it("an open version is pip's to choose, since the default may have a newer one", async () => {
    const extra = await serve({ [file]: { bytes: wheel } });
    settings(beside(extra));
    const pip = pipOfDefaultIndex();
    const folder = join(root, "wheel");
    const project = file.split("-")[0]!.replace("_", "-");
    const how = { machine: thisMachine(), gpu: false, via: "auto", env: process.env, say() {}, progress() {} } as const;
    expect(await fetchWheel({ project, specifier: ">=2.18" }, folder, how)).toMatchObject({ file });
    expect(extra.asked).toEqual([]);
    expect(pip.asked()).toContain(`${project}>=2.18`);
  });

  it("asked for plain HTTPS only, what it lacks stays missing", async () => {
    settings(beside(await serve({})));
    const pip = pipOfDefaultIndex();
    await expect(install({ cwd: root, via: "https" })).rejects.toThrow(/no wheel of .* fits/);
    expect(pip.asked()).toBe("");
  });
});

describe("where the plain way fails, pip is asked", () => {
  const hasPip = spawnSync("pip3", ["--version"]).status === 0;
  it.skipIf(!hasPip)("by an index that answers pip only (pip itself, on this machine)", async () => {
    settings(pipEnv(await serve({ [file]: { bytes: wheel } }, (agent) => agent.startsWith("pip/"))));
    const lines: string[] = [];
    const result = await install({ cwd: root, onStep: (line) => lines.push(line) });
    expect(result).toMatchObject({ action: "installed", tensorflow: "2.19.1" });
    expect(lines.join("\n")).toMatch(/HTTP 403[^]*fetching tensorflow.*==2\.19\.1 with pip3/);
  });

  it("by a download that breaks off, and nothing of it is used", async () => {
    const send: Served["send"] = (response, bytes) => response.write(bytes.slice(0, 2000), () => response.destroy());
    settings(pipEnv(await serve({ [file]: { bytes: wheel, send } })));
    const pip = pipOfDefaultIndex();
    expect(await install({ cwd: root })).toMatchObject({ action: "installed" });
    expect(pip.asked()).toContain("download");
  });

  it("but not by a wrong digest, which is refused", async () => {
    settings(pipEnv(await serve({ [file]: { bytes: wheel, sha256: "0".repeat(64) } })));
    const pip = pipOfDefaultIndex();
    await expect(install({ cwd: root })).rejects.toThrow(/sha256 is/);
    expect(pip.asked()).toBe("");
  });
});
