import { createRandom } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import {
  type Block,
  bpr,
  type EncoderInput,
  type EncoderRun,
  type GraphModel,
  type GraphOps,
  graphMatrix,
  lightgcn,
  ngcf,
  plainGraphOps,
  sigmoid,
  socialLink,
  softplus,
} from "../src/index.js";
import {
  decay,
  type FixtureBatch,
  fixtureGraph,
  fixtureModel,
  graphFixtures,
  type GraphFixture,
  readFixture,
} from "./fixtures/graph.js";

/** An encoder's passes in float64, on weights by name. */
interface Passes {
  readonly ops: GraphOps;
  readonly run: EncoderRun;
  readonly input: EncoderInput;
  readonly ego: Block;
  readonly z: Block;
}

function passesOf(
  model: GraphModel,
  ego: readonly number[],
  weights: Readonly<Record<string, readonly number[]>>,
): Passes {
  const ops = plainGraphOps(graphMatrix(model.graph, model.encoder.normalisation));
  const block = ops.block().shape(ops.nodes, ego.length / ops.nodes);
  block.values.set(ego);
  const held = new Map(Object.entries(weights).map(([name, values]) => [name, Float64Array.from(values)]));
  const input: EncoderInput = {
    ego: block,
    weight: (name) => held.get(name) as Float64Array,
    chance: (rate, stream) =>
      rate === 0 ? null : { first: 9, second: stream, threshold: Math.floor(rate * 2 ** 32), scale: 1 / (1 - rate) },
  };
  return { ops, run: model.encoder.make(ops), input, ego: block, z: ops.block() };
}

interface Gradients {
  readonly ego: Float64Array;
  readonly of: ReadonlyMap<string, Float64Array>;
}

function backward({ ops, run, input }: Passes, model: GraphModel, nodes: Int32Array, g: Float64Array): Gradients {
  const arriving = ops.block().shape(nodes.length, model.encoder.width);
  arriving.values.set(g);
  const of = new Map(
    model.variables.map(({ name, shape }) => [name, new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(7)]),
  );
  const ego = ops.block();
  ego.shape(ops.nodes, input.ego.width).values.fill(7);
  run.backward(input, { ids: nodes, count: nodes.length }, arriving, ego, (name) => of.get(name) as Float64Array);
  return { ego: Float64Array.from(ego.values.subarray(0, ops.nodes * input.ego.width)), of };
}

/** Triples of nodes whose dot products a term compares. */
const triplesOf = (term: string, batch: FixtureBatch, users: number): number[][] =>
  term === "social"
    ? batch.member.map((member, k) => [member, batch.friend[k] as number, batch.stranger[k] as number])
    : batch.user.map((user, k) => [user, users + (batch.positive[k] as number), users + (batch.negative[k] as number)]);

/** A term's loss, and its gradient at Z of all nodes. */
function lossOf(term: string, triples: readonly number[][], z: Block): { loss: number; g: Float64Array } {
  const { width, rows } = z;
  const g = new Float64Array(rows * width);
  const put = (node: number, c: number, value: number): void => {
    g[node * width + c] = (g[node * width + c] as number) + value;
  };
  const cell = (node: number, c: number): number => z.values[node * width + c] as number;
  let loss = 0;
  for (const [u, p, n] of triples as [number, number, number][]) {
    if (term === "regulariser") {
      for (const node of [u, p, n]) {
        for (let c = 0; c < width; c++) {
          loss += (decay / 2) * cell(node, c) ** 2;
          put(node, c, (decay * cell(node, c)) / triples.length);
        }
      }
      continue;
    }
    let margin = 0;
    for (let c = 0; c < width; c++) margin += cell(u, c) * (cell(p, c) - cell(n, c));
    loss += softplus(-margin);
    const s = -sigmoid(-margin) / triples.length;
    for (let c = 0; c < width; c++) {
      put(u, c, s * (cell(p, c) - cell(n, c)));
      put(p, c, s * cell(u, c));
      put(n, c, -s * cell(u, c));
    }
  }
  return { loss: loss / triples.length, g };
}

/** To 1e-10 of the largest value: the fixture has 13 digits. */
function near(ours: ArrayLike<number>, theirs: ArrayLike<number>, what: string): void {
  expect(ours.length, what).toBe(theirs.length);
  const size = Math.max(1e-3, ...Array.from(theirs, Math.abs));
  for (let k = 0; k < theirs.length; k++) {
    expect(Math.abs((ours[k] as number) - (theirs[k] as number)), `${what}, ${k}`).toBeLessThanOrEqual(1e-10 * size);
  }
}

const egoOf = ({ parameters }: GraphFixture): number[] =>
  ["userEmbedding", "itemEmbedding"].flatMap((name) => [...(parameters[name]?.data ?? [])]);

const weightsOf = ({ parameters }: GraphFixture): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { data }]) => [name, data]));

describe.each(graphFixtures)("%s, in float64", (name) => {
  const fixture = readFixture(name);
  const model = fixtureModel(name, fixture, [bpr("rec"), socialLink("social")]);
  const { users } = fixture.graph;

  it("has the fixture's matrix", () => {
    const { offsets, indices, values, back } = graphMatrix(fixtureGraph(fixture), model.encoder.normalisation);
    expect(Array.from(offsets)).toEqual(fixture.graph.csr.indptr);
    expect(Array.from(indices)).toEqual(fixture.graph.csr.indices);
    near(values, fixture.graph.csr.values, "values");
    const nodes = offsets.length - 1;
    const dense = (of: Float64Array, transpose: boolean): Float64Array => {
      const out = new Float64Array(nodes * nodes);
      for (let n = 0; n < nodes; n++) {
        for (let e = offsets[n] as number; e < (offsets[n + 1] as number); e++) {
          const other = indices[e] as number;
          out[transpose ? other * nodes + n : n * nodes + other] = of[e] as number;
        }
      }
      return out;
    };
    expect(dense(back, false)).toEqual(dense(values, true));
  });

  it.each([0, 1])(
    "gives its representation, its losses and the gradients at the cut and of every parameter, batch %i",
    (b) => {
      const batch = fixture.batches[b] as FixtureBatch;
      const passes = passesOf(model, egoOf(fixture), weightsOf(fixture));
      const { run, input, z, ops } = passes;
      run.forward(input, null, z);
      near(z.values.subarray(0, z.rows * z.width), fixture.forward[b]?.propagated.data ?? [], "Z");
      for (const [term, expected] of Object.entries(fixture.gradients[b] ?? {})) {
        const triples = triplesOf(term, batch, users);
        // LightGCN regularises its ego rows, which is no matter of the encoder.
        if (term === "regulariser" && model.decay.of === "ego") continue;
        const { loss, g } = lossOf(term, triples, z);
        near([loss], [fixture.losses[b]?.[term] ?? NaN], term);
        near(g, fixture.representationGradients[b]?.[term]?.propagated?.data ?? [], `${term} at the cut`);
        const nodes = Int32Array.from(new Set(triples.flat()));
        const some = ops.block();
        run.forward(input, { ids: nodes, count: nodes.length }, some);
        const rows = (of: Float64Array): Float64Array =>
          Float64Array.from(
            { length: nodes.length * z.width },
            (_, k) => of[(nodes[Math.floor(k / z.width)] as number) * z.width + (k % z.width)] as number,
          );
        near(some.values.subarray(0, some.rows * some.width), rows(Float64Array.from(z.values)), "rows of Z");
        const { ego, of } = backward(passes, model, nodes, rows(g));
        const width = ego.length / ops.nodes;
        near(ego.subarray(0, users * width), expected["userEmbedding"] ?? [], `${term}: users`);
        near(ego.subarray(users * width), expected["itemEmbedding"] ?? [], `${term}: items`);
        for (const [variable, values] of of) near(values, expected[variable] ?? [], `${term}: ${variable}`);
      }
    },
  );
});

describe("gradients equal finite differences", () => {
  const fixture = readFixture("lightgcn-a");
  const graph = fixtureGraph(fixture);
  const tasks = [bpr("rec")];
  const cases = [
    ...[0, 1, 2, 3, 4].map((layers) => lightgcn({ graph, tasks, dim: 3, layers })),
    ...(["paper", "official", "recbole"] as const).flatMap((form) => [
      ngcf({ graph, tasks, form, dim: 3, layers: [] }),
      ngcf({ graph, tasks, form, dim: 3, layers: [4], messageDropout: 0.4 }),
      ngcf({ graph, tasks, form, dim: 3, layers: [2, 4, 3], messageDropout: 0.3 }),
    ]),
  ];
  it.each(cases.map((model) => [model.name, JSON.stringify(model.encoder.options), model] as const))(
    "%s %s",
    (_name, _options, model) => {
      const random = createRandom(5);
      const nodes = graph.users + graph.items;
      const normal = (length: number): number[] => Array.from({ length }, () => random.normal());
      const ego = normal(nodes * 3);
      const weights = Object.fromEntries(
        model.variables.map(({ name, shape }) => [name, normal(shape.reduce((a, b) => a * b, 1))]),
      );
      const wanted = Int32Array.from([7, 2, 10, 0, 5]);
      const g = Float64Array.from(normal(wanted.length * model.encoder.width));
      const passes = passesOf(model, ego, weights);
      const { run, input, z } = passes;
      const value = (): number => {
        run.forward(input, { ids: wanted, count: wanted.length }, z);
        return g.reduce((sum, weight, k) => sum + weight * (z.values[k] as number), 0);
      };
      value();
      const first = backward(passes, model, wanted, g);
      const again = backward(passes, model, wanted, g);
      expect(again).toEqual(first);
      const check = (
        at: ArrayLike<number> & { [k: number]: number },
        count: number,
        ours: Float64Array,
        what: string,
      ): void => {
        for (let k = 0; k < count; k++) {
          const held = at[k] as number;
          at[k] = held + 1e-6;
          const above = value();
          at[k] = held - 1e-6;
          const below = value();
          at[k] = held;
          expect(Math.abs((above - below) / 2e-6 - (ours[k] as number)), `${what}, ${k}`).toBeLessThan(1e-6);
        }
      };
      check(passes.ego.values, nodes * 3, first.ego, "E0");
      for (const { name } of model.variables) {
        const values = input.weight(name);
        check(values, values.length, first.of.get(name) as Float64Array, name);
      }
    },
  );
});
