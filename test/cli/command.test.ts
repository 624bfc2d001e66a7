import { describe, expect, it } from "vitest";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { methodPackages } from "../../tooling/workspace.mjs";
import { endOf, gradpool } from "./gradpool.js";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(new URL(`../../packages/${folder}/package.json`, import.meta.url), "utf8")) as Manifest;
const { version } = manifestOf("cli");
const { dependencies } = manifestOf("registry");

const commandNames = (help: string): string[] =>
  [...(help.split("COMMANDS")[1] as string).matchAll(/^ {2}(\w+) {2}/gm)].map((match) => match[1] as string);

describe("gradpool", () => {
  it("shows its commands, and the version", async () => {
    const help = await gradpool([]);
    expect(help.code).toBe(0);
    expect(commandNames(help.stdout)).toEqual(expect.arrayContaining(["methods", "pool"]));
    expect((await gradpool(["--help"])).stdout).toBe(help.stdout);
    expect((await gradpool(["--version"])).stdout).toBe(`${version}\n`);
  });

  it("has help with examples for every command", async () => {
    for (const name of commandNames((await gradpool([])).stdout)) {
      const { code, stdout, stderr } = await gradpool([name, "--help"]);
      expect(code, name).toBe(0);
      expect(stderr, name).toBe("");
      expect(stdout, name).toMatch(/^USAGE gradpool /m);
      expect(stdout, name).toMatch(/--json/);
      expect(stdout.split("EXAMPLES")[1], name).toMatch(/^ {2}.*gradpool /m);
    }
  });

  it.each([
    [["bnech"], /unknown command bnech/, /did you mean bench|the commands are/],
    [["--jsno"], /unknown flag --jsno/, /./],
    [["pool", "--inptu", "x"], /unknown flag --inptu/, /--input/],
    [["pool", "--input"], /--input has no value/, /FILE/],
    [["pool", "--input", "a", "--input", "b"], /given twice/, /once/],
    [["pool", "stray"], /1 arguments/, /flags only/],
    [["methods", "a", "b"], /2 arguments/, /at most 1/],
    [["methods", "pcgrd"], /unknown method pcgrd/, /pcgrad/],
  ])("refuses %j with exit code 2 and one line", async (args, what, remedy) => {
    const { code, stdout, stderr } = await gradpool(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^gradpool: [^\n]+ \([^\n]+\): [^\n]+\n$/);
    expect(stderr).toMatch(what);
    expect(stderr).toMatch(remedy);
  });

  it.skipIf(!existsSync("/dev/full"))("says in one line that its answer could not be written, and fails", async () => {
    const full = openSync("/dev/full", "w");
    const { code, stderr } = await endOf(["methods"], full);
    closeSync(full);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gradpool: the answer could not be written: ENOSPC[^\n]* \(standard output\): [^\n]+\n$/);
  });

  it("ends without a word where nobody reads on", async () => {
    expect(await endOf(["methods"], "closed")).toEqual({ code: 0, stderr: "" });
  });

  it("adds the stack with --debug", async () => {
    const { stderr } = await gradpool(["methods", "pcgrd", "--debug"]);
    expect(stderr.split("\n")[0]).toMatch(/^gradpool: unknown method pcgrd/);
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe("gradpool methods", () => {
  it("lists every method package that the registry depends on, with options, ranges and papers", async () => {
    const { code, stdout, stderr } = await gradpool(["methods", "--json"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const methods = JSON.parse(stdout) as readonly Record<string, unknown>[];
    const seven = ["ew", "rlw", "metabalance", "pcgrad", "gradcraft", "pmtrec", "multibalance"];
    expect(methods.map(({ name }) => name)).toEqual(expect.arrayContaining(seven));
    expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
    const packages = new Set(methods.map((method) => method["package"]));
    for (const name of packages) expect(dependencies).toHaveProperty([name as string]);
    for (const method of methods) {
      expect(method["version"]).toMatch(/^\d+\.\d+\.\d+/);
      expect(["losses", "representation", "parameters"]).toContain(method["level"]);
      expect(method["paper"]).toHaveProperty("title");
      const { venue, year } = method["paper"] as { readonly venue: string; readonly year: number };
      expect(`${venue} ${year}`.match(/\d{4}/g), method["name"] as string).toEqual([String(year)]);
      for (const option of Object.values(method["options"] as object)) {
        expect(option).toMatchObject({ type: expect.any(String) as unknown, range: expect.any(String) as unknown });
        expect(option).toHaveProperty("default");
        expect(option).toHaveProperty("description");
      }
    }
    expect(methods.find(({ name }) => name === "metabalance")).toMatchObject({
      granularity: "parameter",
      options: { relax: { default: 0.7, range: "a number in [0, 1]" } },
    });
  });

  it("knows every method package of the workspace; npm run sync adds a new one", () => {
    const missing = methodPackages().filter((name) => dependencies[`@gradpool/${name}`] === undefined);
    expect(missing).toEqual([]);
  });

  it("prints a table, and one method in full", async () => {
    const list = await gradpool(["methods"]);
    expect(list.stdout).toMatch(/^metabalance +@gradpool\/metabalance /m);
    const one = await gradpool(["methods", "metabalance"]);
    expect(one.stdout).toMatch(/^relax +0\.7 +a number in \[0, 1\]/m);
  });
});
