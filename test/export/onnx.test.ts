/**
 * Models with dense layers as ONNX, run by onnxruntime: in Python ($PEER_PYTHON), and in Node where onnxruntime-node is installed;
 * and as graph models of TensorFlow.js, which is here (in a browser: browser.test.ts).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { generateShop, impressionsSampler, loadPrepared, type PreparedSet, writePrepared } from "@gradpool/data";
import { evaluateClassification } from "@gradpool/metrics";
import { exportRun, openRun, train, type TrainedRun } from "@gradpool/runs";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { impressionSet } from "./impressions.js";

const python = process.env["PEER_PYTHON"] ?? "python3";
const inPython = spawnSync(python, ["-c", "import onnxruntime"]).status === 0;

interface Session {
  run(feed: object): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
}
interface Runtime {
  readonly InferenceSession: { create(path: string): Promise<Session> };
  readonly Tensor: new (type: string, data: unknown, sizes: readonly number[]) => unknown;
}
const runtime = await load();

async function load(): Promise<Runtime | null> {
  try {
    return createRequire(`${process.env["ONNXRUNTIME_NODE"] ?? process.cwd()}/`)("onnxruntime-node") as Runtime;
  } catch {
    return null;
  }
}

const folder = mkdtempSync(join(tmpdir(), "gradpool-onnx-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let set: PreparedSet;
beforeAll(async () => {
  await writePrepared(impressionSet(), at("rows"));
  await writePrepared(generateShop({ users: 60, items: 50 }), at("pairs"));
  set = await loadPrepared(at("rows"));
}, 60_000);

type Inputs = Readonly<Record<string, readonly (number | readonly number[])[]>>;

async function exported(model: string, data: string): Promise<{ readonly run: TrainedRun; readonly path: string }> {
  const name = model.replaceAll(/[^\w]+/g, "-");
  const config = { data: at(data), model, epochs: 2, batch: 256, lr: 0.01, backend: "wasm" } as const;
  await train({ config, out: at(name), onNote: () => undefined });
  const run = await openRun(at(name));
  for (const format of ["onnx", "tfjs"] as const) await exportRun(run, { format, out: at(`${name}-${format}`) });
  return { run, path: join(at(`${name}-onnx`), "model.onnx") };
}

function byPython(path: string, inputs: Inputs): Readonly<Record<string, readonly number[]>> {
  const script = fileURLToPath(new URL("run_onnx.py", import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, path], {
    input: JSON.stringify(inputs),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function byNode(path: string, inputs: Inputs): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const { InferenceSession, Tensor } = runtime as Runtime;
  const session = await InferenceSession.create(path);
  const tensors = Object.entries(inputs).map(([name, rows]) => {
    const flat = rows.flat() as number[];
    const sizes = Array.isArray(rows[0]) ? [rows.length, (rows[0] as number[]).length] : [rows.length];
    const whole = name !== "price";
    const data = whole ? BigInt64Array.from(flat, (value) => BigInt(value)) : Float32Array.from(flat);
    return [name, new Tensor(whole ? "int64" : "float32", data, sizes)] as const;
  });
  const outputs = await session.run(Object.fromEntries(tensors));
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

async function byTfjs(folder: string, inputs: Inputs): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  await tf.setBackend("cpu");
  const { weightsManifest, modelTopology, ...rest } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const [{ weights, paths }] = weightsManifest;
  const bytes = Buffer.concat(paths.map((path: string) => readFileSync(join(folder, path))));
  const weightData = Uint8Array.from(bytes).buffer;
  const model = await tf.loadGraphModel(tf.io.fromMemory({ ...rest, modelTopology, weightSpecs: weights, weightData }));
  const feed = Object.entries(inputs).map(([name, rows]) => {
    return [name, tf.tensor(rows as number[], undefined, name === "price" ? "float32" : "int32")] as const;
  });
  const outputs = model.predict(Object.fromEntries(feed)) as Record<string, tf.Tensor>;
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.dataSync()]));
}

/** The test part's rows as the exported model reads them. */
function testRows(): { readonly inputs: Inputs; readonly labels: readonly Float32Array[]; readonly users: Int32Array } {
  const shown = set.impressions as NonNullable<PreparedSet["impressions"]>;
  const { size } = shown.test;
  const batch = impressionsSampler(set, { part: "test", shuffle: false, batchSize: size }).next();
  const most = 3;
  const fields = batch.fields.map((field) => {
    if (field.kind === "one-hot") return [field.name, [...field.ids]] as const;
    const rows = Array.from({ length: size }, (_, r) => {
      const own = [...field.ids.subarray(field.offsets[r], field.offsets[r + 1])];
      return [...own, ...Array.from<number>({ length: most - own.length }).fill(0)];
    });
    return [field.name, rows] as const;
  });
  const price = shown.test.features.find(({ name }) => name === "price");
  const values = price?.kind === "numerical" ? [...price.values] : [];
  return {
    inputs: { ...Object.fromEntries(fields), price: values },
    labels: batch.labels.map((column) => column.slice()),
    users: batch.users.slice(),
  };
}

const small = "dim=4,head=8,dropout=0";
describe.each([
  // Every kind with statistics of its batches in it, and without.
  `click(${small},trunk=16-8,interaction=dcn,batchNorm=true)`,
  `click(dim=4,trunk=8,head=8,interaction=deepfm)`,
  `mmoe(${small},experts=3,expert=8,interaction=fm)`,
  `mmoe(${small},experts=2,expert=8-4,batchNorm=true)`,
  `cgc(${small},expert=8-4,batchNorm=true)`,
  `ple(${small},levels=2,expert=8,batchNorm=true)`,
  `ple-deepfm(dim=4)`,
  `ple-deepfm(${small},expert=8-4,batchNorm=true)`,
  `stem(dim=4)`,
  `stem(${small},expert=8-4,batchNorm=true)`,
  `esmm(dim=4)`,
  `esmm(dim=4,head=8-4,batchNorm=true)`,
  `aitm(dim=4)`,
  `aitm(dim=4,bottom=8-4,head=4,batchNorm=true)`,
])("%s as a graph for other programs", (model) => {
  let made: { readonly run: TrainedRun; readonly path: string };
  beforeAll(async () => {
    made = await exported(model, "rows");
  }, 300_000);
  afterAll(() => made.run.dispose());

  const check = (outputs: Readonly<Record<string, ArrayLike<number>>>): void => {
    const { labels, users } = testRows();
    const test = JSON.parse(readFileSync(join(made.run.folder, "result.json"), "utf8")).result.test;
    made.run.tasks.forEach((task, t) => {
      const found = evaluateClassification({
        probabilities: outputs[task] as ArrayLike<number>,
        labels: labels[t] as Float32Array,
        users,
        metrics: ["auc", "ne"],
      });
      expect(Math.abs((found.values["auc"] as number) - test[`auc/${task}`])).toBeLessThan(1e-5);
      expect(Math.abs((found.values["ne"] as number) - test[`ne/${task}`])).toBeLessThan(1e-5);
    });
  };

  it.skipIf(!inPython)("has in Python's onnxruntime the AUC and NE of our test part", () => {
    check(byPython(made.path, testRows().inputs));
  });

  it.skipIf(runtime === null)("has them in Node's", async () => {
    check(await byNode(made.path, testRows().inputs));
  });

  it("has them in TensorFlow.js", async () => {
    check(await byTfjs(made.path.replace("-onnx/model.onnx", "-tfjs"), testRows().inputs));
  });

  it.skipIf(!inPython)("equals ours on 10,000 rows to 1e-5, users and values of every kind", async () => {
    const random = createRandom(5, 1);
    const draw = (count: number): number => Math.floor(count * random.uniform());
    const rows = Array.from({ length: 10_000 }, () => {
      return { user: draw(set.users), item: draw(set.items), place: draw(4), price: draw(10) === 0 ? NaN : 100 * random.uniform() }; // prettier-ignore
    });
    const ours = await made.run.predict(rows.map((row) => ({ ...row, place: row.place === 0 ? "" : row.place, price: Number.isNaN(row.price) ? "" : row.price }))); // prettier-ignore
    const tagOf = (item: number): readonly number[] => {
      const tags = set.itemFeatures.find(({ name }) => name === "tags");
      if (tags?.kind !== "multi-hot") return [0, 0, 0];
      const own = [...tags.ids.subarray(tags.offsets[item], tags.offsets[item + 1])];
      return [...own, 0, 0, 0].slice(0, 3);
    };
    const inputs = {
      user: rows.map(({ user }) => user),
      item: rows.map(({ item }) => item),
      place: rows.map(({ place }) => place),
      tags: rows.map(({ item }) => tagOf(item)),
      // JSON has no NaN: a missing number is its mean, which is what missing means to the model.
      price: rows.map(({ price }) => (Number.isNaN(price) ? (made.run.data.measures["price"]?.mean ?? 0) : price)),
    };
    const theirs = byPython(made.path, inputs);
    for (const task of made.run.tasks) {
      const most = Math.max(...ours.map(({ values }, k) => Math.abs((values[task] as number) - (theirs[task]?.[k] as number)))); // prettier-ignore
      expect(most).toBeLessThan(1e-5);
    }
  });
});

describe("the models that rank", () => {
  it.skipIf(!inPython)(
    "give with dense layers the probability of a pair",
    async () => {
      const { run, path } = await exported("shared-bottom(dim=4,mlp=6-3,tower=5)", "pairs");
      const pairs = Array.from({ length: 500 }, (_, k) => ({ user: k % 60, item: (7 * k) % 50 }));
      const ours = await run.predict(pairs);
      const theirs = byPython(path, { user: pairs.map(({ user }) => user), item: pairs.map(({ item }) => item) });
      ours.forEach(({ values }, k) => {
        for (const task of run.tasks) expect(theirs[task]?.[k]).toBeCloseTo(values[task] as number, 5);
      });
      run.dispose();
    },
    120_000,
  );

  it.each(["shared-bottom(dim=4,mlp=6-3,tower=5,features=true,dropout=0)", "mf(dim=4,features=true)"])(
    "%s gives other programs the scores of users and items with their features, of new ones too",
    async (model) => {
      const out = at(`${model.split("(")[0]}-features`);
      await train({
        config: { data: at("pairs"), model, epochs: 2, batch: 256, lr: 0.01 },
        out,
        onNote: () => undefined,
      });
      const plain = await openRun(out);
      const [feature] = plain.data.set.itemFeatures;
      const value = plain.data.vocabularies.item[feature?.name ?? ""]?.at(-1);
      const items = [{ id: "brand new", [feature?.name ?? ""]: value }];
      const run = await openRun(out, { newcomers: { users: [], items } as never });
      plain.dispose();
      const [page, onnx] = [`${out}-tfjs`, `${out}-onnx`];
      await exportRun(run, { format: "tfjs", out: page });
      const ids = { users: run.ids("users"), items: run.ids("items") };
      expect(ids.items).toHaveLength(51);
      const pairs = Array.from({ length: 300 }, (_, k) => ({ user: k % 60, item: (7 * k) % 51 }));
      const named = pairs.map(({ user, item }) => ({ user: ids.users[user], item: ids.items[item] }));
      const dense = model.startsWith("shared");
      const ours = await run.score(named as never);
      const input = { user: pairs.map(({ user }) => user), ...(dense && { item: pairs.map(({ item }) => item) }) };
      const scores = (await byTfjs(page, input))[`score.${run.tasks[0]}`] as ArrayLike<number>;
      const theirs = pairs.map(({ item }, k) => scores[dense ? k : 51 * k + item] as number);
      expect(new Set(ours).size).toBeGreaterThan(100);
      theirs.forEach((score, k) => expect(score).toBeCloseTo(ours[k] as number, 5));
      if (dense && inPython) {
        await exportRun(run, { format: "onnx", out: onnx });
        const found = byPython(join(onnx, "model.onnx"), input);
        const predicted = await run.predict(named as never);
        for (const task of run.tasks)
          predicted.forEach(({ values }, k) => expect(found[task]?.[k]).toBeCloseTo(values[task] as number, 5));
      }
      run.dispose();
    },
    120_000,
  );

  it("are refused without dense layers, in one line", async () => {
    await train({ config: { data: at("pairs"), epochs: 1 }, out: at("mf") });
    const run = await openRun(at("mf"));
    await expect(exportRun(run, { format: "onnx", out: at("mf-onnx") })).rejects.toThrow(/mf has no dense layers/);
    run.dispose();
  });
});
