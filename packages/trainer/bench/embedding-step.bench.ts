import type { GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { bpr, mf } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { bench, describe } from "vitest";
import { createEngine } from "../src/create-engine.js";
import { bprBatch } from "../test/embedding-helpers.js";

const users = 20_000;
const items = 30_000;

describe("one step of MF-BPR, 3 tasks, batch 2048, width 32", () => {
  const batches = Array.from({ length: 16 }, (_, k) => [0, 1, 2].map((t) => bprBatch(2048, users, items, 3 * k + t)));
  const pools = { ew: ew(), pcgrad: pcgrad(), metabalance: metaBalance(), pmtrec: pmtRec() };
  for (const [name, pool] of Object.entries(pools)) {
    const engine = createEngine({
      model: mf({ users, items, dim: 32, init: { kind: "normal", std: 0.01 }, tasks: ["a", "b", "c"].map(bpr) }),
      pool: pool as GradientPool,
      optimizer: { name: "adam", learningRate: 1e-3 },
    });
    let step = 0;
    bench(name, () => {
      step++;
      engine.step({ step, epoch: 1, batches: batches[step % 16] ?? [] });
    });
  }
});
