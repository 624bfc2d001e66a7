import { describe, expect, it } from "vitest";
import { graphMatrix, graphOf } from "../src/index.js";

const lists = (offsets: number[], items: number[]) => ({
  offsets: Int32Array.from(offsets),
  items: Int32Array.from(items),
});
const columns = (left: number[], right: number[]) => ({ left: Int32Array.from(left), right: Int32Array.from(right) });
const interactions = [lists([0, 2, 2, 3], [0, 1, 1])];

describe("a graph of interactions", () => {
  it("has every edge in both directions, once, and nodes without any", () => {
    const graph = graphOf({ users: 3, items: 2, interactions: [...interactions, lists([0, 1, 1, 2], [1, 1])] });
    expect(Array.from(graph.offsets)).toEqual([0, 2, 2, 3, 4, 6]);
    expect(Array.from(graph.neighbours)).toEqual([3, 4, 4, 0, 0, 2]);
    const { offsets, values } = graphMatrix(graph, "symmetric");
    expect(offsets[1]).toBe(offsets[2]);
    expect(Array.from(values, (value) => Number((value ** 2).toFixed(6)))).toEqual([0.5, 0.25, 0.5, 0.5, 0.25, 0.5]);
    const loops = graphMatrix(graph, "self-loops");
    // User 1 has nobody but itself.
    expect(Array.from(loops.indices.subarray(loops.offsets[1], loops.offsets[2]))).toEqual([1]);
    expect(loops.values[loops.offsets[1] as number]).toBe(1);
  });

  it("takes links of users and of items beside them, but none of a node with itself", () => {
    const graph = graphOf({
      users: 3,
      items: 2,
      interactions,
      social: columns([0, 1, 2], [1, 0, 2]),
      itemPairs: [columns([0], [1])],
    });
    const of = (node: number): number[] =>
      Array.from(graph.neighbours.subarray(graph.offsets[node], graph.offsets[node + 1]));
    expect([0, 1, 2, 3, 4].map(of)).toEqual([[1, 3, 4], [0], [4], [0, 4], [0, 2, 3]]);
  });

  it("mixes kinds of edges by their weights, an edge of several kinds by the heaviest", () => {
    const graph = graphOf({
      users: 2,
      items: 2,
      interactions: [
        { ...lists([0, 1, 2], [0, 0]), weight: 0.5 },
        { ...lists([0, 1, 1], [0]), weight: 2 },
      ],
      social: { ...columns([1], [0]), weight: 0.25 },
      itemPairs: [columns([0, 1], [1, 0])],
    });
    // Of users 0, 1 and items 0, 1 (nodes 2, 3).
    expect(Array.from(graph.neighbours)).toEqual([1, 2, 0, 2, 0, 1, 3, 2]);
    expect(Array.from(graph.weights ?? [])).toEqual([0.25, 2, 0.25, 0.5, 2, 0.5, 1, 1]);
    const degrees = [2.25, 0.75, 3.5, 1];
    const dense = (values: Float64Array, offsets: Int32Array, indices: Int32Array): number[][] =>
      degrees.map((_, n) => {
        const row = degrees.map(() => 0);
        for (let e = offsets[n] as number; e < (offsets[n + 1] as number); e++)
          row[indices[e] as number] = values[e] as number;
        return row;
      });
    const a = dense(graph.weights as Float64Array, graph.offsets, graph.neighbours);
    const symmetric = graphMatrix(graph, "symmetric");
    const s = dense(symmetric.values, symmetric.offsets, symmetric.indices);
    const loops = graphMatrix(graph, "self-loops");
    const p = dense(loops.values, loops.offsets, loops.indices);
    const back = dense(loops.back, loops.offsets, loops.indices);
    for (const [n, row] of a.entries()) {
      for (const [m, weight] of row.entries()) {
        expect(s[n]?.[m]).toBeCloseTo(weight / Math.sqrt(degrees[n]! * degrees[m]!), 12);
        expect(p[n]?.[m]).toBeCloseTo((weight + Number(n === m)) / (degrees[n]! + 1), 12);
        expect(back[m]?.[n]).toBeCloseTo(p[n]?.[m] as number, 12);
      }
    }
  });

  it("with equal weights is the one without", () => {
    const plain = graphOf({ users: 3, items: 2, interactions });
    const same = graphOf({ users: 3, items: 2, interactions: interactions.map((some) => ({ ...some, weight: 1 })) });
    expect(same).toEqual(plain);
    expect(same.weights).toBeUndefined();
  });

  it("is refused with a weight that is none", () => {
    for (const weight of [0, -1, Number.NaN]) {
      const social = { ...columns([0], [1]), weight };
      expect(() => graphOf({ users: 3, items: 2, interactions, social })).toThrow(
        `edges of weight ${weight} (graph): give a number above 0, or leave these edges out`,
      );
    }
  });

  it("is refused without an edge, and with an id outside, in one line", () => {
    expect(() => graphOf({ users: 2, items: 2, interactions: [lists([0, 0, 0], [])] })).toThrow(
      "no edges (graph): give training interactions: without an edge a graph encoder is mf",
    );
    expect(() => graphOf({ users: 1, items: 2, interactions: [lists([0, 1], [2])] })).toThrow(
      "item 2 (graph): give items from 0 to 1",
    );
    expect(() => graphOf({ users: 3, items: 2, interactions, social: columns([0], [3]) })).toThrow(
      "user 3 (graph): give users from 0 to 2",
    );
  });
});
