import type { GradientPool } from "@gradpool/core";
import { bprSampler, generateShop } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { bpr, mf } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import { type Feed, perTaskFeed } from "../src/fit/feed.js";
import { feedAhead } from "../src/fit/feed-ahead.js";
import { bprBatch } from "./embedding-helpers.js";

const set = generateShop({ users: 60, items: 40 });
const feedOf = (): Feed => perTaskFeed([bprSampler(set, { task: "buy", batchSize: 16 })]);
const read = (feed: Pick<Feed, "next">): string => JSON.stringify(feed.next());

describe("batches that are drawn before they are asked for", () => {
  it("are the same ones, across epochs", () => {
    const [plain, ahead] = [feedOf(), feedAhead(feedOf())];
    for (let k = 0; k < 3 * feedOf().stepsPerEpoch; k++) {
      expect(read(ahead)).toBe(read(plain));
      if (k % 3 !== 0) ahead.draw();
      if (k % 5 === 0) ahead.draw();
    }
  });

  it("leave the position where the last batch was given", () => {
    const [plain, ahead] = [feedOf(), feedAhead(feedOf())];
    for (let k = 0; k < 5; k++) {
      read(plain);
      read(ahead);
      ahead.draw();
      expect(ahead.state()).toEqual(plain.state());
    }
    const resumed = feedOf();
    resumed.restore(ahead.state());
    expect(read(resumed)).toBe(read(ahead));
  });
});

describe("work that a step does meanwhile", () => {
  const engineOf = (threads: number) =>
    createEngine({
      model: mf({ users: 900, items: 700, dim: 32, tasks: [bpr("a")] }),
      pool: ew() as GradientPool,
      optimizer: { name: "adam", learningRate: 0.01 },
      onNonFinite: "skip",
      threads,
    });

  it.each([1, 2])("is done once, on %i threads", (threads) => {
    const engine = engineOf(threads);
    let done = 0;
    for (let step = 1; step <= 3; step++) {
      const meanwhile = (): void => void done++;
      engine.step({ step, epoch: 1, batches: [bprBatch(600, 900, 700, step)], meanwhile });
      expect(done).toBe(step);
    }
    engine.dispose();
  });

  it("is not done in a step that is left out", () => {
    const engine = engineOf(1);
    engine.table("users").fill(Number.NaN);
    let done = 0;
    const meanwhile = (): void => void done++;
    const { skipped } = engine.step({ step: 1, epoch: 1, batches: [bprBatch(600, 900, 700, 1)], meanwhile });
    expect(skipped).toMatchObject({ task: "a", parameter: null });
    expect(done).toBe(0);
  });
});
