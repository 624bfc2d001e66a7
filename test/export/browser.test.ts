/** The export for TensorFlow.js, opened by the documented page in headless Chromium from a server of this machine. */
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { prepare, readTable, writePrepared } from "@gradpool/data";
import { exportRun, openRun, train, type TrainedRun } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradpool } from "../../packages/cli/src/gradpool.js";
import { absent, launch, needsIt } from "../../packages/report/test/browser.js";
import { impressionSet } from "./impressions.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-page-"));
const at = (name: string): string => join(folder, name);
const library = join(
  dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs/package.json")),
  "dist",
  "tf.min.js",
);
const document = readFileSync(fileURLToPath(new URL("../../docs/use-a-trained-model.md", import.meta.url)), "utf8");
const [, documented = ""] = /^```html\n([\s\S]*?)^```$/m.exec(document) ?? [];
const bare = '<!doctype html><meta charset="utf-8" /><title>bare</title><script src="tf.min.js"></script>';

let server: Server;
type Context = Awaited<ReturnType<typeof launch>>;
type Page = Awaited<ReturnType<Context["newPage"]>>;
let context: Context;
let origin = "";
const refused: string[] = [];

/** Users and items as shops call them: letters of all kinds, spaces, commas, quotes. */
const customers = Array.from(
  { length: 20 },
  (_, k) => [`Zoë ${k}`, `Li, "Mo" ${k}`, `客户-${k}`, `o'neil;${k}`][k % 4] as string,
);
const toys = Array.from({ length: 30 }, (_, k) => [`toy ${k}`, `ball, "red" ${k}`, `玩具 ${k}`][k % 3] as string);

beforeAll(async () => {
  if (absent) return;
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const random = createRandom(3, 1);
  const lines = customers.flatMap((customer, user) =>
    Array.from({ length: 14 }, () => {
      const item = 2 * Math.floor(15 * random.uniform()) + (user % 2);
      return `${quoted(customer)},${quoted(toys[item] as string)},${random.uniform() < 0.5 ? "view" : "buy"}`;
    }),
  );
  writeFileSync(at("shop.csv"), `customer,product,event\n${lines.join("\n")}\n`);
  const columns = { user: "customer", item: "product", behavior: "event" };
  await prepare({ format: "csv", input: [at("shop.csv")], columns, target: "buy", out: at("shop") });
  await writePrepared(impressionSet(), at("rows"));
  server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? "", "http://local").pathname);
    if (name.endsWith("/"))
      return void response.setHeader("content-type", "text/html").end(name.startsWith("/shop") ? documented : bare);
    if (name === "/favicon.ico") return void response.writeHead(204).end();
    const path = name.endsWith("/tf.min.js") ? library : join(folder, name);
    if (!existsSync(path)) return void response.writeHead(404).end();
    const types: Record<string, string> = { js: "text/javascript", json: "application/json" };
    response.setHeader("content-type", types[path.split(".").at(-1) as string] ?? "application/octet-stream");
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context = await launch(at("profile"));
}, 120_000);

afterAll(async () => {
  await context?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(path: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  await page.route("**", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${origin}/`)) return route.continue();
    refused.push(url);
    return route.abort();
  });
  await page.goto(`${origin}/${path}/`);
  return { page, complaints };
}

/** What `gradpool recommend` writes for these users. */
async function recommended(run: string, users: readonly string[], k: number): Promise<readonly (readonly string[])[]> {
  writeFileSync(at("users.jsonl"), users.map((user) => `${JSON.stringify({ user })}\n`).join(""));
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const out = at("lists.jsonl");
  const streams = { stdout: sink, stderr: sink, stdin: process.stdin };
  const code = await gradpool(
    ["recommend", run, "--users", at("users.jsonl"), "--k", String(k), "--out", out],
    streams,
  );
  expect(code).toBe(0);
  const lists = new Map<string, string[]>(users.map((user) => [user, []]));
  for await (const row of readTable(out)) lists.get(String(row["user"]))?.push(String(row["item"]));
  return users.map((user) => lists.get(user) as string[]);
}

describe.skipIf(absent)(`an export for pages${needsIt}`, () => {
  it.each(["mf(dim=8)", "lightgcn(dim=8)", "shared-bottom(dim=4,mlp=6-3,tower=5)"])(
    "of %s gives in the documented page the lists of gradpool recommend, for 20 ids and for somebody new",
    async (model) => {
      const name = `shop-${model.split("(")[0]}`;
      const run = at(`${name}-run`);
      const config = { data: at("shop"), model, epochs: 6, batch: 32, lr: 0.02, backend: "cpu" } as const;
      await train({ config: { ...config, metrics: ["ndcg@10"] }, out: run });
      const trained = await openRun(run);
      await exportRun(trained, { format: "tfjs", out: at(name) });
      trained.dispose();
      const users = [...customers, "somebody new"];
      const ours = await recommended(run, users, 8);
      const { page, complaints } = await opened(name);
      await page.waitForFunction("window.recommend !== undefined");
      const theirs = await page.evaluate(`${JSON.stringify(users)}.map((user) => recommend(user, 8))`);
      expect(theirs).toEqual(ours);
      await page.fill("#who", customers[1] as string);
      const shown = await page.locator("#items li").allTextContents();
      expect(shown.slice(0, 8)).toEqual(ours[1]);
      expect(complaints).toEqual([]);
      await page.close();
    },
    120_000,
  );

  const small = "dim=4,head=8,dropout=0";
  it.each([
    `click(${small},trunk=16-8,interaction=dcn)`,
    `mmoe(${small},experts=3,expert=8)`,
    `ple(${small},levels=2,expert=8)`,
  ])(
    "of %s gives our probabilities to 1e-5 there",
    async (model) => {
      const name = model.split("(")[0] as string;
      await train({ config: { data: at("rows"), model, epochs: 1, batch: 256, lr: 0.01, backend: "wasm" }, out: at(`${name}-run`), onNote: () => undefined }); // prettier-ignore
      const run = await openRun(at(`${name}-run`));
      await exportRun(run, { format: "tfjs", out: at(name) });
      const { inputs, ours } = await asked(run);
      run.dispose();
      const { page, complaints } = await opened(name);
      // Shaders take seconds to compile where no GPU is: one model, with gaps, bags and crosses, stands for all.
      for (const backend of name === "click" ? ["cpu", "webgl"] : ["cpu"]) {
        const theirs = (await page.evaluate(`(async (inputs, backend) => {
          await tf.setBackend(backend);
          const model = await tf.loadGraphModel("./model.json");
          const feed = Object.fromEntries(Object.entries(inputs).map(([name, values]) =>
            [name, tf.tensor(values.map((v) => v ?? NaN), undefined, name === "price" ? "float32" : "int32")]));
          const answers = model.predict(feed);
          return Object.fromEntries(Object.entries(answers).map(([task, values]) => [task, [...values.dataSync()]]));
        })(${JSON.stringify(inputs)}, ${JSON.stringify(backend)})`)) as Record<string, readonly number[]>;
        for (const [task, values] of Object.entries(ours)) {
          expect(theirs[task]).toHaveLength(values.length);
          values.forEach((value, k) => expect(Math.abs(value - (theirs[task]?.[k] as number)), `${backend} ${task} ${k}`).toBeLessThan(1e-5)); // prettier-ignore
        }
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
    120_000,
  );

  it("asks nothing of anybody else", () => {
    expect(refused).toEqual([]);
  });
});

/** Rows with values of every kind, numbers that are missing among them (null: JSON has no NaN), and our probabilities. */
async function asked(run: TrainedRun) {
  const random = createRandom(5, 1);
  const draw = (count: number): number => Math.floor(count * random.uniform());
  const { set } = run.data;
  const rows = Array.from({ length: 400 }, () => ({ user: draw(set.users), item: draw(set.items), place: draw(4), price: draw(10) === 0 ? null : Math.fround(100 * random.uniform()) })); // prettier-ignore
  const predictions = await run.predict(rows.map((row) => ({ ...row, place: row.place === 0 ? "" : row.place, price: row.price ?? "" }))); // prettier-ignore
  const tags = set.itemFeatures.find(({ name }) => name === "tags");
  const tagsOf = (item: number): readonly number[] =>
    tags?.kind === "multi-hot"
      ? [...tags.ids.subarray(tags.offsets[item], tags.offsets[item + 1]), 0, 0, 0].slice(0, 3)
      : [0, 0, 0];
  return {
    inputs: {
      user: rows.map(({ user }) => user),
      item: rows.map(({ item }) => item),
      place: rows.map(({ place }) => place),
      tags: rows.map(({ item }) => tagsOf(item)),
      price: rows.map(({ price }) => price),
    },
    ours: Object.fromEntries(run.tasks.map((task) => [task, predictions.map(({ values }) => values[task] as number)])),
  };
}
