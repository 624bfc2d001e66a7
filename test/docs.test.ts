/** The pages of docs say what is so: their code runs, their links lead somewhere, and their tables are those of the packages. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { recipeNames } from "@gradpool/bench";
import { answerRequest, listMethods } from "@gradpool/registry";
import type { Method } from "@gradpool/core";
import { formats, generateShop, jointSampler } from "@gradpool/data";
import type { TensorModel } from "@gradpool/models";
import { defaultConfig, train, workloads } from "@gradpool/runs";
import { conformanceCases, modelCases } from "@gradpool/testkit";
import { createEngine, selectBackend } from "@gradpool/trainer";
import { afterAll, describe, expect, it } from "vitest";
import { blocksOf, pages } from "./readme-blocks.js";
import { printedBy } from "./run-block.js";

const root = fileURLToPath(new URL("../", import.meta.url));
// Beside the trainer, because its tfjs is found from there.
const folder = join(root, "packages", "trainer", "test", "generated", "docs");
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = (name: string): string => readFileSync(join(root, "docs", `${name}.md`), "utf8");

describe.each(pages().map((page) => [page.name, page.text]))("docs/%s", (name, text) => {
  for (const block of blocksOf(name, text)) {
    const title = `holds code that runs (block ${block.number})`;
    if (block.skip !== undefined) {
      it.skip(`${title} (${block.skip})`, () => undefined);
      continue;
    }
    it(title, async () => {
      const printed = await printedBy(join(folder, `${name}-${block.number}.ts`), block.code);
      expect(block.expected.length).toBeGreaterThan(0);
      expect(printed).toEqual(block.expected);
    });
  }

  it("leads nowhere that is not there", () => {
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = "", anchor] = link.split("#");
      const path = file === "" ? join(root, "docs", `${name}.md`) : join(root, "docs", file);
      expect(existsSync(path), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(path, "utf8")), link).toContain(anchor);
    }
  });
});

/** Headings as GitHub names them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the docs", () => {
  it("list every page in the index", () => {
    for (const { name } of pages()) if (name !== "README") expect(page("README")).toContain(`(${name}.md)`);
  });

  it("choose among all methods, by what the packages say of themselves", async () => {
    const squeezed = page("choose-a-method").replace(/[ \t]+/g, " ");
    for (const { method, package: from } of await listMethods()) expect(squeezed).toContain(rowOf(method, from));
  });

  it("name every format, every model and every recipe", () => {
    for (const { name } of workloads)
      expect(page("train-your-own-data")).toMatch(new RegExp(`^\\|.*\`${name}\\(`, "m"));
    for (const { name } of formats) expect(page("prepare-data")).toContain(`\`${name}\``);
    for (const recipe of recipeNames()) expect(page("reproduce-a-paper")).toContain(`\`${recipe}\``);
  });

  it("hold a pool in a file that every command takes and that conforms", async () => {
    const code = /^```js my-pool\.js\n([\s\S]*?)^```$/m.exec(page("write-a-pool"))?.[1] ?? "";
    const path = join(folder, "my-pool.js");
    writeFileSync(path, code);
    const request = { method: "./my-pool.js(floor=0)", gradients: [[1, 0], [-9, 3]] }; // prettier-ignore
    expect(await answerRequest({ value: request }, { cwd: dirname(path), allow: ["./my-pool.js"] })).toMatchObject({
      method: "./my-pool.js(floor=0)",
      output: [{ combined: [1, 0], weights: [1, 0] }],
    });
    const { methods } = (await import(/* @vite-ignore */ path)) as { methods: readonly Method[] };
    const cases = methods.flatMap((method) => conformanceCases(method, { runs: 100 }));
    expect(cases.length).toBeGreaterThan(20);
    for (const item of cases) if (item.skip === undefined) item.run();
  });
});

describe("the model in a file of Add a model", () => {
  const path = join(folder, "my-model.js");
  const [, code = ""] = /^```js my-model\.js\n([\s\S]*?)^```$/m.exec(page("add-a-model")) ?? [];
  writeFileSync(path, code);

  it("is trained by its path, and ranks", async () => {
    const config = { ...defaultConfig, data: "shop(users=60,items=40)", model: `${path}(dim=4)`, epochs: 2, batch: 64 };
    const { result } = await train({ config: { ...config, tasks: ["buy", "cart"] }, out: join(folder, "run") });
    expect(result.stopped).toBe("epochs");
    expect(Object.keys(result.test ?? {})).toEqual(["ndcg@10", "recall@10"]);
  });

  it("conforms", async () => {
    const { tf } = await selectBackend("cpu");
    const { twoTowers } = (await import(/* @vite-ignore */ path)) as { twoTowers: (options: object) => TensorModel };
    const shop = generateShop({ users: 60, items: 40 });
    const tasks = ["buy", "cart"];
    const cases = modelCases(twoTowers({ users: shop.users, items: shop.items, tasks, dim: 3, width: 4 }), {
      createEngine: (request) => createEngine({ ...request, tf }),
      batches: (seed) => jointSampler(shop, { tasks, batchSize: 4, seed }).next(),
    });
    expect(cases.length).toBeGreaterThan(10);
    for (const item of cases) if (item.skip === undefined) item.run();
  });
});

const promises = {
  nonConflicting: "no conflict",
  targetDescent: "target descends",
  taskScaleInvariant: "scale-free tasks",
} as const;

/** A method's row in the table of choose-a-method. */
function rowOf(method: Method, from: string): string {
  const { needs, level, granularity } = method.create();
  const kept = Object.entries(promises).flatMap(([property, words]) =>
    method.properties[property as keyof typeof promises] === true ? words : [],
  );
  const cells = [
    `[\`${method.name}\`](../packages/methods/${from.replace("@gradpool/", "")}/README.md)`,
    needs,
    level,
    method.granularities.length === 0 ? "–" : granularity,
    kept.join(", ") || "–",
    needs === "losses" ? "–" : method.tables === undefined ? "yes" : "no",
  ];
  return `| ${cells.join(" | ")} |`;
}
