/** All tarballs installed into an empty project by npm: types resolve, code runs, the command works. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methodPackages } from "../../tooling/workspace.mjs";
import { npmInstall, packAll, publishable, root, run, temporaryFolder } from "./workspace.js";

const tarballs = temporaryFolder("tarballs");
const project = temporaryFolder("stranger");
const names = publishable().map(({ name }) => name);
const methods = methodPackages().map((folder) => `@gradpool/${folder}`);

function write(file: string, content: unknown): void {
  writeFileSync(join(project.path, file), typeof content === "string" ? content : JSON.stringify(content));
}

/** What a stranger writes: a pool of every method package, used on plain arrays. */
const source = `
import { ew } from "@gradpool/ew";
import { chain, type GradientPool, type Method, poolContext, taskGradients, taskSet } from "@gradpool/core";
${names.map((name, k) => `import * as package${k} from "${name}";`).join("\n")}

const modules: Readonly<Record<string, object>> = { ${names.map((name, k) => `"${name}": package${k}`).join(", ")} };
const lists: Readonly<Record<string, readonly Method[]>> = {
${methods.map((name) => `  "${name}": package${names.indexOf(name)}.methods,`).join("\n")}
};

const tasks = taskSet(["buy", "cart", "click"]);
const rows = [[1, 2, -1], [-2, 0.5, 1], [0.5, 0.5, 3], [1, -0.5, 2], [0.2, 1, 1]];
const tower = { name: "tower", values: rows.slice(0, 3) };
const items = { name: "items", width: 2, rows: [{ ids: [3, 9], values: [1, 2, 3, 4] }, { ids: [9], values: [-1, 1] }, { ids: [4], values: [2, 2] }] };

export function combine(pool: GradientPool, table: boolean): number[] {
  const gradients = taskGradients({ parameters: table ? [tower, items] : [tower] });
  const context = poolContext({ tasks, seed: 1, losses: [0.7, 0.6, 0.5] });
  const { combined } = pool.pool(gradients, context, pool.init(tasks));
  return gradients.parameters.flatMap(({ name }) => [...combined.value(name)]);
}

/** Everything that a pool may ask for: as many tasks as it wants, further batches, a gradient on held-out examples. */
function combineAll({ minTasks = 3, create }: Method): number[] {
  const values = rows.slice(0, Math.max(3, minTasks));
  const gradients = taskGradients({ parameters: [{ name: "tower", values }] });
  const all = taskSet(values.map((_, k) => "task" + k));
  const more = { second: gradients, third: gradients, validation: { norm: 1, dots: values.map(() => 0.5) } };
  const pool = create();
  const context = poolContext({ tasks: all, seed: 1, losses: values.map((_, k) => 0.7 - 0.1 * k), ...more });
  return [...pool.pool(gradients, context, pool.init(all)).combined.value("tower")];
}

const results = Object.fromEntries(
  Object.values(lists).flatMap((list) => list.map((method) => [method.name, combineAll(method)] as const)),
);
const two = Object.values(lists).flat().filter(({ name }) => name === "metabalance" || name === "pcgrad");
console.log(JSON.stringify({
  exports: Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, Object.keys(module).length])),
  results,
  chain: combine(chain(...two.map((method) => method.create())), true),
  rows: combine(ew(), true),
}));
`;

const compilerOptions = { strict: true, target: "ES2022", types: [], lib: ["ES2022", "DOM"] };

beforeAll(() => {
  const packed = packAll(tarballs.path);
  write("package.json", {
    name: "stranger",
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...packed].map(([name, path]) => [name, `file:${path}`])),
  });
  npmInstall(project.path);
  write("main.ts", source);
}, 600_000);

afterAll(() => {
  project.dispose();
  tarballs.dispose();
});

const tsc = (options: object): string => {
  write("tsconfig.json", { compilerOptions: { ...compilerOptions, ...options }, files: ["main.ts"] });
  return run("tsc", ["-p", "tsconfig.json"], project.path);
};

describe("a stranger's project", () => {
  it("finds the types under bundler", () => {
    expect(tsc({ module: "ESNext", moduleResolution: "bundler", noEmit: true, skipLibCheck: true })).toBe("");
  });

  it("finds the types under node16, and compiles", () => {
    expect(tsc({ module: "Node16", moduleResolution: "node16", skipLibCheck: true })).toBe("");
  });

  it("sees method declarations that are sound in themselves, library checks on", () => {
    const imports = ["@gradpool/core", "@gradpool/linalg", ...methods].map(
      (name, k) => `export * as p${k} from "${name}";`,
    );
    write("sound.ts", imports.join("\n"));
    write("tsconfig.json", {
      compilerOptions: {
        ...compilerOptions,
        module: "Node16",
        moduleResolution: "node16",
        skipLibCheck: false,
        noEmit: true,
      },
      files: ["sound.ts"],
    });
    expect(run("tsc", ["-p", "tsconfig.json"], project.path)).toBe("");
  });

  it("runs every method of every package", () => {
    const { exports, results, chain, rows } = JSON.parse(run(process.execPath, ["main.js"], project.path)) as {
      readonly exports: Readonly<Record<string, number>>;
      readonly results: Readonly<Record<string, readonly number[]>>;
      readonly chain: readonly number[];
      readonly rows: readonly number[];
    };
    expect(Object.keys(exports).sort()).toEqual([...names].sort());
    for (const [name, count] of Object.entries(exports)) expect(count, name).toBeGreaterThan(0);
    expect(Object.keys(results).length).toBeGreaterThanOrEqual(methods.length);
    expect(results["ew"]).toEqual([-0.5, 3, 3]);
    expect(rows).toEqual([-0.5, 3, 3, 1, 2, 2, 2, 2, 5]);
    expect(chain.length).toBe(9);
    for (const [name, values] of [...Object.entries(results), ["a chain", chain] as const]) {
      expect(values.length, name).toBeGreaterThan(0);
      expect(values.every(Number.isFinite), name).toBe(true);
    }
  });

  it("runs the command", () => {
    const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8")) as {
      readonly version: string;
    };
    const bin = join(project.path, "node_modules", ".bin", "gradpool");
    expect(run(bin, ["--version"], project.path)).toBe(`${version}\n`);
    write("request.json", {
      method: "metabalance+pcgrad",
      gradients: [
        [1, 0],
        [-9, 3],
      ],
    });
    expect(JSON.parse(run(bin, ["pool", "--input", "request.json"], project.path))).toHaveProperty("output");
  });
});
