import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listMethods } from "@gradpool/registry";
import { flatGradients, geometryOf, judge, type Verdict, vectorsFrom } from "../playground/model/analysis.js";
import { behindFront, paretoFront } from "../playground/model/front.js";
import { defaultsOf, type Landscape } from "../playground/model/landscape.js";
import { landscapes } from "../playground/model/landscapes/index.js";
import { fromLink, toLink } from "../playground/model/link.js";
import { createUpdate } from "../playground/model/optimizer.js";
import { readPasted } from "../playground/model/pasted.js";
import { createPool, labelOf, readChoices } from "../playground/model/pools.js";
import { follow } from "../playground/model/trajectory.js";

const methods = (await listMethods()).map(({ method }) => method);
const settings = { optimizer: "sgd", learningRate: 0.05, steps: 50, seed: 1 } as const;

describe.each(landscapes.map((one) => [one.name, one] as const))("the landscape %s", (_name, landscape) => {
  it("has the gradients of its losses", () => {
    const size = landscape.starts[0]?.length as number;
    const values = fc.record(
      Object.fromEntries(landscape.sliders.map(({ name, min, max }) => [name, fc.double({ min, max, noNaN: true })])),
    );
    const point = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(values, point, (sliders, at) => {
        const objective = landscape.create(sliders);
        // The valley has edges at x₂ = 0 and where its logarithm is cut off: a difference across one says nothing.
        fc.pre(landscape.name !== "valley" || (Math.abs(at[1] as number) > 1e-3 && smooth(objective, at)));
        const { gradients } = objective(at);
        gradients.forEach((gradient, task) =>
          gradient.forEach((slope, k) => {
            const moved = (by: number): number =>
              objective(at.map((x, j) => (j === k ? x + by : x))).losses[task] as number;
            const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            expect(Math.abs(difference - slope)).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(slope)));
          }),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("is walked downhill by plain sums from each of its starts", () => {
    const objective = landscape.create(defaultsOf(landscape));
    for (const start of landscape.starts) {
      const pool = createPool(methods, { method: "ew", options: {} });
      const { losses, error } = follow(landscape, objective, pool, {
        ...settings,
        start,
        learningRate: 0.01,
        steps: 300,
      });
      const sum = (at: number): number => (losses.at(at) as readonly number[]).reduce((a, b) => a + b, 0);
      expect(error).toBeUndefined();
      expect(sum(-1)).toBeLessThan(sum(0));
    }
  });
});

/** Curvature is small enough for a difference of two values: far from the logarithm's cut. */
function smooth(objective: ReturnType<Landscape["create"]>, at: readonly number[]): boolean {
  return objective(at)
    .gradients.flat()
    .every((g) => Math.abs(g) < 30);
}

it("moves as Adam does: the first step is the learning rate in each coordinate", () => {
  const point = [1, -1];
  createUpdate("adam", 2, 0.1)(point, [5, -1e-3]);
  expect(point[0]).toBeCloseTo(0.9, 6);
  expect(point[1]).toBeCloseTo(-0.9, 4);
});

it("finds a front that nothing betters, and how far behind it a point lies", () => {
  const landscape = landscapes[1] as Landscape;
  const objective = landscape.create(defaultsOf(landscape));
  const front = paretoFront(objective, landscape.panels[0] as never, 60);
  front.forEach(([a, b], k) => {
    if (k === 0) return;
    expect(a).toBeGreaterThanOrEqual(front[k - 1]?.[0] as number);
    expect(b).toBeLessThan(front[k - 1]?.[1] as number);
  });
  expect(behindFront(front[3] as [number, number], front)).toBe(0);
  const [a, b] = front[3] as [number, number];
  expect(behindFront([a + 2, b + 2], front)).toBeGreaterThan(0);
});

it("ends a walk with the pool's own reason", () => {
  const landscape = landscapes[0] as Landscape;
  const pool = createPool(methods, { method: "ew", options: {} });
  const wild = follow(landscape, landscape.create({}), pool, {
    ...settings,
    start: [1, -5],
    learningRate: 1e308,
    steps: 9,
  });
  expect(wild.error).toMatch(/no numbers any more after step 1|not finite|non-finite|Infinity|NaN/);
});

describe("pasted gradients", () => {
  const first = (text: string): number[][] => flatGradients(readPasted(text).request(0));

  it.each([
    ["a request", '{ "method": "pcgrad", "gradients": [[1, 2], [-2, 0.5]] }'],
    ["gradients alone", '{ "gradients": [[1, 2], [-2, 0.5]] }'],
    ["a list", "[[1, 2], [-2, 0.5]]"],
    ["CSV", "1,2\n-2,0.5\n"],
    ["CSV with names", "task,a,b\r\nbuy,1,2\r\nview,-2,0.5"],
    ["CSV with semicolons", "1;2\n-2;0.5"],
    ["numbers between spaces", "1 2\n-2 0.5"],
  ])("are read from %s", (_, text) => {
    expect(first(text)).toEqual([
      [1, 2],
      [-2, 0.5],
    ]);
  });

  it("are made from a run's diagnostics, with the same norms and angles", () => {
    const line = '{"step":4,"epoch":1,"norms":[2,5,0.1],"weights":[1,1,1],"cosines":[1,-0.5,0.2,-0.5,1,0,0.2,0,1]}';
    const pasted = readPasted(`${line}\n${line.replace('"step":4', '"step":8')}`);
    expect(pasted).toMatchObject({ kind: "diagnostics", labels: ["step 4", "step 8"] });
    const { norms, cosines } = geometryOf(flatGradients(pasted.request(1)));
    [2, 5, 0.1].forEach((norm, k) => expect(norms[k]).toBeCloseTo(norm, 12));
    expect(cosines.flat().map((c) => Number((c as number).toFixed(12)) + 0)).toEqual([
      1, -0.5, 0.2, -0.5, 1, 0, 0.2, 0, 1,
    ]);
  });

  it("keep norms and angles for any matrix of cosines, dependent rows among them", () => {
    const row = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
        fc.pre(rows.every((one) => Math.hypot(...one) > 1e-3));
        const given = geometryOf(rows);
        const made = geometryOf(vectorsFrom(given.norms, given.cosines.flat() as number[]));
        given.cosines.flat().forEach((c, k) => expect(made.cosines.flat()[k] ?? 0).toBeCloseTo(c as number, 5));
      }),
    );
  });

  it.each([
    ["", /nothing is there/],
    ["[[1, NaN], [1, 2]]", /NaN/],
    ["1,2\n3,x", /"x" is no number.*line 2, column 2/],
    ["[[1, 2], [3]]", /ragged gradients: 1 coordinates/],
    ["1,2\n3", /ragged/],
    ["{", /malformed JSON/],
    ['{ "gradients": 5 }', /gradients is not a list/],
    ['{ "gradients": [[1]], "colour": 1 }', /unknown field colour/],
    ['{"step":1,"norms":[1],"cosines":[]}', /norms and T × T cosines/],
    ["1".repeat(10_000_000), /10\.0 million characters/],
  ])("that are broken are told in a sentence: %#", (text, message) => {
    expect(() => readPasted(text).request(0)).toThrow(message);
  });
});

it("judges a pool by what it leaves in conflict", () => {
  const request = readPasted('{ "gradients": [[1, 0.2], [-9, 3]], "losses": [1, 1] }').request(0);
  const verdict = (method: string): Verdict =>
    judge(createPool(methods, { method, options: {} }), { ...request, method }) as Verdict;
  expect(verdict("ew").conflicts).toBe(1);
  expect(verdict("pcgrad").conflicts).toBe(0);
  expect(
    judge(createPool(methods, { method: "uw", options: {} }), {
      ...request,
      steps: [{ ...(request.steps[0] as never as object), losses: undefined }],
    } as never),
  ).toHaveProperty("error");
});

it("keeps a state in a link, and takes nothing from a broken one", async () => {
  const state = { choices: [{ method: "pcgrad", options: { against: "target" } }], start: [1, -2.5] };
  expect(await fromLink(await toLink(state))).toEqual(state);
  expect(await fromLink("no-such-thing")).toBeUndefined();
  expect(await fromLink("")).toBeUndefined();
  const odd = [
    { method: "none", options: {} },
    { method: "ew", options: { __proto__x: 1 } },
    null,
    7,
    ...state.choices,
  ];
  expect(readChoices(odd, methods).map(labelOf)).toEqual(["ew", "pcgrad(against=target)"]);
});
