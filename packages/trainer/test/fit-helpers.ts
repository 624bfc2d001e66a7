import type { GradientPool } from "@gradpool/core";
import { bprSampler, generateShop, type PreparedSet } from "@gradpool/data";
import { bpr, mf } from "@gradpool/models";
import {
  createEngine,
  type Engine,
  fit,
  type FitEvent,
  type FitOptions,
  type FitResult,
  perTaskFeed,
  rankingEvaluator,
} from "../src/index.js";

export const set: PreparedSet = generateShop({ users: 120, items: 80, seed: 3 });
const tasks = ["buy", "cart", "pv"];

/** A small real run: options and the engine whose weights it ends with. */
export function small(
  pool: GradientPool,
  change: Partial<FitOptions> = {},
): { readonly engine: Engine; readonly options: FitOptions } {
  const model = mf({ users: set.users, items: set.items, dim: 8, tasks: tasks.map((task) => bpr(task)) });
  const engine = createEngine({ model, pool, optimizer: { name: "adam", learningRate: 0.02 }, seed: 5 });
  const feed = perTaskFeed(tasks.map((task, stream) => bprSampler(set, { task, batchSize: 64, seed: 5, stream })));
  const { train, valid, test } = set.behaviors["buy"]!;
  const part = (relevant: typeof valid) => ({ relevant, exclude: train });
  const evaluate = rankingEvaluator({
    engine,
    model,
    metrics: ["ndcg@10", "recall@10"],
    valid: part(valid),
    test: part(test),
  });
  return { engine, options: { engine, feed, evaluate, epochs: 6, diagnosticsEvery: 3, ...change } };
}

/** The bits of an engine's tables. */
export const weightsOf = (engine: Engine): Buffer =>
  Buffer.concat(["users", "items"].map((name) => Buffer.from(new Uint8Array(engine.table(name).slice().buffer))));
/** A result without what depends on the clock. */
export const comparable = (result: FitResult): object => ({ ...result, trainingSeconds: null });

/** Runs to the end. */
export async function collect(
  options: FitOptions,
): Promise<{ readonly events: readonly FitEvent[]; readonly result: FitResult }> {
  const run = fit(options);
  const events: FitEvent[] = [];
  for await (const event of run) events.push(event);
  return { events, result: await run.result() };
}
