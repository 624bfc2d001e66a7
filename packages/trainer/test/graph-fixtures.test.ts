import type { TaskGradients } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { bpr, socialLink } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import {
  decay,
  type FixtureBatch,
  fixtureModel,
  graphFixtures,
  readFixture,
  tableNames,
} from "../../models/test/fixtures/graph.js";
import { createEngine } from "../src/create-engine.js";
import type { Engine } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { batchesOf, spy } from "./graph-helpers.js";

/**
 * To 1e-5 of `size`, by default the largest value. Gradients are measured by the term's largest, weights by the model's: the unit
 * rows of NGCF take the part along a row out of a gradient, and what is left may be a thousandth of what float32 rounded.
 */
function near(ours: ArrayLike<number>, theirs: ArrayLike<number>, what: string, size = largest(theirs)): void {
  expect(ours.length, what).toBe(theirs.length);
  for (let k = 0; k < theirs.length; k++) {
    expect(Math.abs((ours[k] as number) - (theirs[k] as number)), `${what}, ${k}`).toBeLessThanOrEqual(1e-5 * size);
  }
}

const largest = (...lists: readonly ArrayLike<number>[]): number =>
  Math.max(...lists.map((list) => Math.max(...Array.from(list, Math.abs))));

/** All rows of a parameter of task t, zeros where the step touched none. */
function whole({ parameters, values }: TaskGradients, name: string, t: number, rows: number): Float64Array {
  const info = parameters.find((one) => one.name === name);
  const own = values(name)[t] ?? [];
  if (info?.kind !== "rows") return Float64Array.from(own);
  const out = new Float64Array(rows * info.width);
  (info.ids ?? new Int32Array(0)).forEach((id, k) => {
    for (let c = 0; c < info.width; c++) out[id * info.width + c] = own[k * info.width + c] as number;
  });
  return out;
}

const terms = ["rec", "social"] as const;

describe.each(graphFixtures)("%s, by the engine", (name) => {
  const fixture = readFixture(name);
  const { users, items } = fixture.graph;
  const tables = Object.entries(tableNames);
  const rowsOf = { users, items } as Readonly<Record<string, number>>;
  const initial = new Map(
    Object.entries(fixture.parameters).map(([key, { data }]) => {
      const table = tables.find(([, theirs]) => theirs === key);
      return [table?.[0] ?? key, Float32Array.from(data)];
    }),
  );
  const theirName = (ours: string): string => (tableNames as Readonly<Record<string, string>>)[ours] ?? ours;
  const made = (options: Partial<EngineSettings>): Engine =>
    createEngine({
      model: fixtureModel(name, fixture, [bpr("rec"), socialLink("social")]),
      pool: ew() as EngineSettings["pool"],
      optimizer: { name: "sgd", learningRate: 0 },
      initial,
      ...options,
    });

  it.each([0, 1])("gives the representation, the losses and the gradients at the cut, batch %i", (b) => {
    const shown: Float64Array[][] = [];
    const width = (fixture.forward[b]?.propagated.shape[1] ?? 0) as number;
    const engine = made({
      pool: spy("representation", (gradients) => {
        for (const t of [0, 1]) {
          const all = (["users", "items"] as const).map((table) =>
            gradients.parameters.find((one) => one.name === table)?.size === 0
              ? new Float64Array((rowsOf[table] as number) * width)
              : whole(gradients, table, t, rowsOf[table] as number),
          );
          shown.push(all);
        }
      }),
    });
    const z = ["users", "items"].flatMap((table) => Array.from(engine.representation?.(table) ?? []));
    near(z, fixture.forward[b]?.propagated.data ?? [], "Z");
    const { losses } = engine.step({ step: 1, epoch: 1, batches: batchesOf(fixture.batches[b] as FixtureBatch) });
    terms.forEach((term, t) => {
      near([losses[t] as number], [fixture.losses[b]?.[term] ?? NaN], term);
      const cut = fixture.representationGradients[b]?.[term]?.propagated?.data ?? [];
      near(
        (shown[t] as Float64Array[]).flatMap((one) => Array.from(one)),
        cut,
        `${term} at the cut`,
      );
    });
  });

  it.each([0, 1])("gives the gradient of every parameter, batch %i", (b) => {
    let looked = 0;
    const engine = made({
      pool: spy("parameters", (gradients) => {
        terms.forEach((term, t) => {
          const expected = fixture.gradients[b]?.[term] ?? {};
          for (const { name: ours } of gradients.parameters) {
            const mine = whole(gradients, ours, t, rowsOf[ours] ?? 0);
            const theirs = expected[theirName(ours)];
            // A name that is missing: exactly zero.
            if (theirs === undefined) expect(mine, ours).toEqual(new Float64Array(mine.length));
            else near(mine, theirs, `${term}: ${ours}`, largest(...Object.values(expected)));
            looked++;
          }
        });
      }),
    });
    engine.step({ step: 1, epoch: 1, batches: batchesOf(fixture.batches[b] as FixtureBatch) });
    expect(looked).toBe(2 * initial.size);
  });

  const levels = ["losses", "representation", "parameters"] as const;
  it.each(levels.flatMap((level) => (["sgd", "adam"] as const).map((optimizer) => ({ level, optimizer }))))(
    "has its weights after five steps of $optimizer, at the level $level",
    ({ level, optimizer }) => {
      const { lr, order, total, parameters } = fixture[optimizer];
      const engine = made({
        optimizer: { name: optimizer, learningRate: lr },
        ...(level === "losses" ? {} : { pool: spy(level, () => undefined) }),
      });
      const { decay: rule } = fixtureModel(name, fixture, [bpr("rec"), socialLink("social")]);
      order.forEach((b, k) => {
        const batch = fixture.batches[b] as FixtureBatch;
        const rows = (table: string): Float32Array =>
          (rule.of === "ego" ? engine.table(table) : engine.representation?.(table)) ?? new Float32Array(0);
        const squares = (table: string, list: readonly number[]): number => {
          const all = rows(table);
          const width = all.length / (rowsOf[table] as number);
          return list.reduce(
            (sum, id) => sum + all.subarray(id * width, (id + 1) * width).reduce((s, x) => s + x * x, 0),
            0,
          );
        };
        const regulariser =
          ((decay / 2) *
            (squares("users", batch.user) + squares("items", batch.positive) + squares("items", batch.negative))) /
          batch.user.length;
        const { losses } = engine.step({ step: k + 1, epoch: 1, batches: batchesOf(batch) });
        near([losses.reduce((a, c) => a + c, 0) + regulariser], [total[k] as number], `loss of step ${k + 1}`);
      });
      for (const ours of initial.keys()) {
        const now = ours in rowsOf ? engine.table(ours) : engine.variable(ours);
        near(now, parameters[theirName(ours)] ?? [], ours, largest(...Object.values(parameters)));
      }
    },
  );
});
