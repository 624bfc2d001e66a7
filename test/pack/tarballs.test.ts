/** What would be published: its contents, its package.json, and whether types and modules resolve for strangers. */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packAll, publishable, run, temporaryFolder } from "./workspace.js";

const folder = temporaryFolder("pack");
let tarballs: ReadonlyMap<string, string> = new Map();

beforeAll(() => {
  tarballs = packAll(folder.path);
});
afterAll(() => folder.dispose());

const allowed =
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|bin\/[\w-]+\.js|recipes\/[\w-]+\.json|dist\/.+\.(js|d\.ts|json|html|css|wasm))$/;

describe.each(publishable().map((entry) => [entry.name, entry] as const))("the tarball of %s", (name, { manifest }) => {
  const tarball = (): string => tarballs.get(name) as string;

  it("holds what users need and nothing else", () => {
    const files = run("tar", ["-tzf", tarball()], folder.path)
      .trimEnd()
      .split("\n")
      .map((file) => file.replace(/^package\//, ""));
    expect(files).toEqual(
      expect.arrayContaining(["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"]),
    );
    expect(files.filter((file) => !allowed.test(file) || /\.(test|bench)\./.test(file))).toEqual([]);
  });

  it("states ranges that a registry can resolve, on packages that are there", () => {
    const published = JSON.parse(
      run("tar", ["-xzOf", tarball(), "package/package.json"], folder.path),
    ) as typeof manifest;
    const ranges = Object.entries({ ...published.dependencies, ...published.peerDependencies });
    for (const [dependency, range] of ranges) expect(range, dependency).not.toMatch(/^(workspace|file|link):/);
    const known = new Set(publishable().map((entry) => entry.name));
    for (const [dependency] of ranges.filter(([key]) => key.startsWith("@gradpool/")))
      expect(known).toContain(dependency);
    expect(published.description).toMatch(/\w+ \w+/);
  });

  it("passes publint", async () => {
    const { messages } = await publint({ pack: { tarball: arrayBuffer(tarball()) }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest as Record<string, unknown>))).toEqual([]);
  });

  it("passes attw, as an ESM-only package", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball())));
    if (analysis.types === false) throw new Error("no types in the tarball");
    // ESM only: Node 10 and require() from CommonJS types are not supported, by design (attw's profile esm-only).
    const problems = analysis.problems.filter(
      (problem) => !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
    );
    expect(problems).toEqual([]);
  });
});

function arrayBuffer(path: string): ArrayBuffer {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
