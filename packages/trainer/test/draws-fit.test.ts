import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adatask } from "@gradpool/adatask";
import { auxinash } from "@gradpool/auxinash";
import type { GradientPool } from "@gradpool/core";
import { bprSampler, generateShop, impressionsSampler, type PreparedSet, type Sampler } from "@gradpool/data";
import { igb } from "@gradpool/igb";
import { bpr, clickModel, lightgcn, mf, graphOf, ple } from "@gradpool/models";
import { modo } from "@gradpool/modo";
import { sdmgrad } from "@gradpool/sdmgrad";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine, type Engine, type Feed, type FeedMore, fit, jointFeed, perTaskFeed } from "../src/index.js";
import { tf } from "./tensor-helpers.js";

/** Second and third batches, validation gradients, moments per task and means of epochs, through `fit`: interrupted and resumed. */

const set: PreparedSet = generateShop({ users: 20, items: 30, buysPerUser: 6, seed: 3 });
const tasks = ["buy", "cart"];
const folder = mkdtempSync(join(tmpdir(), "draws-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Kind = "embedding" | "graph" | "tensor" | "experts";
type Way = "drawn" | "split" | "validated" | "one";
type Pool = () => GradientPool;

const engineOf = (kind: Kind, pool: GradientPool): Engine => {
  const optimizer = { name: "adam", learningRate: 0.02 } as const;
  const { users, items } = set;
  const common = { pool, optimizer, seed: 5 };
  if (kind === "embedding") {
    return createEngine({ ...common, model: mf({ users, items, dim: 4, tasks: tasks.map((task) => bpr(task)) }) });
  }
  if (kind === "graph") {
    const graph = graphOf({ users, items, interactions: [set.behaviors["buy"]!.train] });
    const model = lightgcn({ graph, dim: 4, layers: 2, tasks: tasks.map((task) => bpr(task)), edgeDropout: 0.1 });
    return createEngine({ ...common, model, level: pool.needs === "losses" ? "losses" : "parameters" });
  }
  const { fields, numericalNames } = impressionsSampler(set, { tasks, batchSize: 1, shuffle: false }).next();
  const inputs = {
    fields: fields.map((field) => ({ name: field.name, vocabulary: field.vocabulary, kind: field.kind })),
    numerical: numericalNames.length,
    dim: 4,
    tasks,
    dropout: 0.2,
  };
  const model =
    kind === "tensor"
      ? clickModel({ ...inputs, trunk: [6], head: [4] })
      : ple({ ...inputs, expert: [4], head: [3], batchNorm: true });
  return createEngine({ ...common, model, tf });
};

function feedOf(kind: Kind, way: Way, batches: number): Feed {
  const holdOut = (part: "rest" | "held") => (way === "validated" ? { holdOut: { share: 0.1, part, seed: 5 } } : {});
  const draws = (batch: number): Sampler[] =>
    tasks.map((task, t) =>
      bprSampler(set, { task, batchSize: 24, seed: 5, stream: 2 * batch + t, ...(t === 0 && holdOut("rest")) }),
    );
  const rows = (stream: number, part: "rest" | "held" = "rest") =>
    impressionsSampler(set, { tasks, batchSize: 150, seed: 5, stream, ...holdOut(part) });
  const further = <S>(make: (batch: number) => S): FeedMore<S> =>
    way === "split"
      ? { further: { split: batches as 2 | 3 } }
      : way === "drawn"
        ? { further: Array.from({ length: batches - 1 }, (_, k) => make(k + 1)) }
        : {};
  if (kind === "embedding" || kind === "graph") {
    const validation = bprSampler(set, { task: "buy", batchSize: 24, seed: 5, stream: 9, ...holdOut("held") });
    return perTaskFeed(draws(0), 0, { ...further(draws), ...(way === "validated" && { validation }) });
  }
  return jointFeed(rows(0), {
    ...further((k) => rows(k)),
    ...(way === "validated" && { validation: rows(9, "held") }),
  });
}

const bits = (engine: Engine): object => {
  const { arrays, json } = engine.snapshot();
  return {
    json,
    arrays: [...arrays].map(([name, array]) => [
      name,
      Buffer.from(new Uint8Array(array.slice().buffer)).toString("base64"),
    ]),
  };
};

const methods: [string, Pool, Way, 1 | 2 | 3][] = [
  ["modo, three batches drawn", () => modo() as GradientPool, "drawn", 3],
  ["modo, one batch cut in two", () => modo({ combine: "mean" }) as GradientPool, "split", 2],
  ["sdmgrad, double sampling", () => sdmgrad({ sampling: "double" }) as GradientPool, "drawn", 3],
  ["auxinash, validated every third step", () => auxinash({ every: 3 }) as GradientPool, "validated", 1],
  ["igb, whose base is an epoch's mean", () => igb() as GradientPool, "one", 1],
  ["adatask, moments of each task", () => adatask() as GradientPool, "one", 1],
];
/** A graph has no moments per task; experts, whose steps are the slowest, stand for batch normalisation and gates. */
const skipped = (kind: Kind, name: string): boolean =>
  kind === "graph" ? name.startsWith("adatask") : kind === "experts" && /^(?!modo, three|adatask)/u.test(name);
const kinds: Kind[] = ["embedding", "graph", "tensor", "experts"];
const runs = kinds.flatMap((kind) =>
  methods.flatMap(([name, pool, way, batches]) =>
    skipped(kind, name) ? [] : [[kind, name, pool, way, batches] as const],
  ),
);

describe("a run", () => {
  it.each(runs)(
    "(%s, %s), interrupted within an epoch and resumed, ends with the bits of an unbroken run",
    async (kind, name, pool, way, batches) => {
      const own = (): { readonly engine: Engine; readonly feed: Feed } => ({
        engine: engineOf(kind, pool()),
        feed: feedOf(kind, way, batches),
      });
      const whole = own();
      const { steps } = await fit({ ...whole, epochs: 2 }).result();
      expect(steps).toBeGreaterThan(5);
      const checkpoint = { folder: join(folder, `${kind}-${name.replaceAll(/\W+/g, "-")}`) };
      const stop = new AbortController();
      const broken = own();
      const first = fit({ ...broken, epochs: 2, checkpoint, signal: stop.signal });
      for await (const event of first)
        if (event.type === "step" && event.step === Math.ceil(steps / 2) + 1) stop.abort();
      const again = own();
      const { stopped } = await fit({ ...again, epochs: 2, checkpoint, resume: true }).result();
      expect(stopped).toBe("epochs");
      expect(bits(again.engine)).toEqual(bits(whole.engine));
      for (const { engine } of [whole, broken, again]) engine.dispose();
    },
  );
});
