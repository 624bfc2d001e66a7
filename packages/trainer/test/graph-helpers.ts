import type { GradientPool, Level, TaskGradients } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import { type EncoderRun, type GraphModel, graphOf, type Graph, type GraphOps } from "@gradpool/models";
import type { FixtureBatch } from "../../models/test/fixtures/graph.js";
import { ids } from "./embedding-helpers.js";

/** A step's batches from the fixture's: BPR of users and items, and of users. */
export function batchesOf(batch: FixtureBatch): Batch[] {
  const own = (list: readonly number[]): Int32Array => Int32Array.from(list);
  return [
    {
      kind: "bpr",
      size: batch.user.length,
      users: own(batch.user),
      positives: own(batch.positive),
      negatives: own(batch.negative),
      negativesPerPositive: 1,
    },
    {
      kind: "pairs",
      entity: "user",
      size: batch.member.length,
      left: own(batch.member),
      right: own(batch.friend),
      negatives: own(batch.stranger),
      negativesPerPositive: 1,
    },
  ];
}

/** Equal weights at a level, by a pool that looks at what it is shown. */
export function spy(level: Level, look: (gradients: TaskGradients) => void): GradientPool {
  return {
    spec: 1,
    name: "spy",
    options: {},
    needs: "gradients",
    granularity: "model",
    level,
    init: () => null,
    pool(gradients, _context, state) {
      look(gradients);
      const weights = new Float64Array(gradients.tasks).fill(1);
      return { combined: gradients.combine({ granularity: "model", weights }), state };
    },
  };
}

/** A random graph in which some users and some items have no edge. */
export function randomGraph(users: number, items: number, seed: number, social = false): Graph {
  const lists = Array.from({ length: users }, (_, u) =>
    u % 7 === 5 ? [] : [...new Set(ids(1 + (u % 6), items - 3, seed + u))].sort((a, b) => a - b),
  );
  const offsets = new Int32Array(users + 1);
  lists.forEach((list, u) => (offsets[u + 1] = (offsets[u] as number) + list.length));
  const links = { left: ids(users, users, seed + 500), right: ids(users, users, seed + 600) };
  return graphOf({
    users,
    items,
    interactions: [{ offsets, items: Int32Array.from(lists.flat()) }],
    ...(social ? { social: links } : {}),
  });
}

/** How often the encoder ran, and its sparse products. */
export interface Counts {
  forward: number;
  backward: number;
  products: number;
}

/** The same model, whose encoder counts. */
export function counted(model: GraphModel): { model: GraphModel; counts: Counts } {
  const counts: Counts = { forward: 0, backward: 0, products: 0 };
  const make = (ops: GraphOps): EncoderRun => {
    const run = model.encoder.make({
      ...ops,
      propagate(...all) {
        counts.products++;
        ops.propagate(...all);
      },
      spread(...all) {
        counts.products++;
        ops.spread(...all);
      },
    });
    return {
      ...run,
      forward(...all) {
        counts.forward++;
        run.forward(...all);
      },
      backward(...all) {
        counts.backward++;
        run.backward(...all);
      },
    };
  };
  return { model: { ...model, encoder: { ...model.encoder, make } }, counts };
}
