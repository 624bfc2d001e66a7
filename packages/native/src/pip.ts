import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { failure } from "./error.js";
import type { Machine } from "./platform.js";
import type { Requirement } from "./wheel.js";
import { wheelArch } from "./platform.js";

const run = promisify(execFile);

/** The pip on the path, or undefined: it knows proxies, client certificates and keyrings that a plain download does not. */
export async function findPip(): Promise<string | undefined> {
  for (const name of ["pip3", "pip"]) {
    const found = await run(name, ["--version"]).then(
      () => true,
      () => false,
    );
    if (found) return name;
  }
  return undefined;
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Lets pip fetch a wheel into `folder`; pip compares its digest with the index's. */
export async function pipDownload(
  pip: string,
  requirement: Requirement,
  machine: Machine,
  gpu: boolean,
  folder: string,
  signal?: AbortSignal,
): Promise<{ file: string; sha256: string }> {
  const arch = wheelArch(machine, gpu);
  const glibc = Number(machine.glibc?.split(".")[1] ?? 17);
  const platforms = Array.from({ length: glibc - 16 }, (_, k) => `manylinux_2_${17 + k}_${arch}`).reverse();
  const asked = [...platforms, `manylinux2014_${arch}`].flatMap((platform) => ["--platform", platform]);
  const wanted = `${requirement.project}${requirement.specifier}`;
  const options = [
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--python-version",
    "3.12",
    ...asked,
    "--dest",
    folder,
    wanted,
  ];
  try {
    await run(pip, options, { maxBuffer: 1 << 24, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    const lines = String((cause as { stderr?: string }).stderr ?? "").split("\n");
    const line = lines.find((text) => text.startsWith("ERROR")) ?? String((cause as Error).message).split("\n")[0];
    const missing = /No matching distribution|Could not find a version/.test(String(line));
    throw failure(
      missing ? "not-found" : "failed",
      `pip download ${wanted}: ${String(line).trim()}`,
      pip,
      "check pip's settings, or pass --wheel FILE",
      cause,
    );
  }
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw failure("failed", `pip download ${wanted} left no wheel`, folder, "pass --wheel FILE");
  return { file, sha256: await digestOf(join(folder, file)) };
}
