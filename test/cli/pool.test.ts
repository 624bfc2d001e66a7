import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flatten } from "@gradpool/testkit/golden";
import { gradpool, type PoolAnswer, poolRequests } from "./gradpool.js";

/** The weights of a step with one group. */
const weightsOf = (answer: PoolAnswer | undefined, step = 0): number[] => flatten(answer?.output?.[step]?.weights);

const good = {
  method: "pcgrad",
  gradients: [
    [1, 2, -1, 0.5],
    [-2, 0.5, 1, -1],
  ],
};
const goodCombined = [-1.4, 3.5, 0, -0.7];

function expectGood(answer: PoolAnswer | undefined): void {
  const combined = answer?.output?.[0]?.combined as readonly number[];
  combined.forEach((x, k) => expect(x).toBeCloseTo(goodCombined[k] as number, 12));
}

/** Requests that are wrong, the code that each gets, and what its message must name. */
const wrong: readonly [name: string, request: unknown, code: string, ...says: string[]][] = [
  ["an unknown method", { ...good, method: "pcgard" }, "unknown-method", "pcgard", "did you mean pcgrad"],
  ["a method from nowhere", { ...good, method: "nothing-like-it" }, "unknown-method", "metabalance", "./path.js"],
  ["an unknown option", { ...good, options: { reductoin: "sum" } }, "unknown-option", "reductoin", "reduction"],
  [
    "an option out of range",
    { ...good, method: "gradcraft", options: { tau: 1.5 } },
    "invalid-option",
    "tau is 1.5",
    "[0, 1]",
  ],
  [
    "an option out of range in the specifier",
    { ...good, method: "gradcraft(tau=-1)" },
    "invalid-option",
    "tau is -1",
    "[0, 1]",
  ],
  [
    "an option of the wrong type",
    { ...good, options: { reduction: 3 } },
    "invalid-option",
    "reduction is 3",
    "sum | mean",
  ],
  ["a broken specifier", { ...good, method: "pcgrad(reduction" }, "usage", "pcgrad(reduction", "name=value"],
  ["an unknown level", { ...good, method: "pcgrad@everywhere" }, "usage", "everywhere", "representation"],
  ["ragged gradients", { ...good, gradients: [[1, 2], [3]] }, "shape", "task 1", "give 2"],
  [
    "ragged rows",
    {
      ...good,
      rows: true,
      gradients: [
        [
          [1, 2],
          [3, 4],
        ],
        [[1, 2], [3]],
      ],
    },
    "shape",
    "task 1, row 1",
    "give 2",
  ],
  [
    "a missing row",
    {
      ...good,
      rows: true,
      gradients: [
        [
          [1, 2],
          [3, 4],
        ],
        [[1, 2]],
      ],
    },
    "shape",
    "task 1",
    "give 2",
  ],
  [
    "a quoted NaN",
    {
      ...good,
      gradients: [
        [1, 2],
        ["NaN", 3],
      ],
    },
    "non-finite",
    "NaN",
    "task 1, coordinate 0",
  ],
  [
    "a quoted infinity",
    {
      ...good,
      gradients: [
        [1, "-Infinity"],
        [2, 3],
      ],
    },
    "non-finite",
    "-Infinity",
    "coordinate 1",
  ],
  [
    "a word for a number",
    {
      ...good,
      gradients: [
        [1, "two"],
        [2, 3],
      ],
    },
    "invalid-input",
    "two",
    "coordinate 1",
  ],
  [
    "a null coordinate",
    {
      ...good,
      gradients: [
        [1, null],
        [2, 3],
      ],
    },
    "invalid-input",
    "null",
    "coordinate 1",
  ],
  ["a NaN that a pool would not look at", { method: "ew", gradients: [[1, "NaN"]] }, "non-finite", "coordinate 1"],
  ["no gradients", { method: "pcgrad" }, "invalid-input", "no gradients"],
  ["an empty gradient", { method: "pcgrad", gradients: [[]] }, "shape", "P numbers"],
  ["no tasks", { method: "pcgrad", gradients: [] }, "shape", "T ×"],
  ["no method", { gradients: [[1]] }, "invalid-input", "method is undefined"],
  ["a request that is a number", 7, "invalid-input", "request is 7"],
  ["a mistyped field", { ...good, sede: 3 }, "invalid-input", "sede", "did you mean seed"],
  ["a seed that is a word", { ...good, seed: "x" }, "invalid-input", 'seed is "x"', "integer"],
  ["a target that is no task", { ...good, target: 2 }, "invalid-input", "target is 2", "from 0 to 1"],
  ["shapes that do not fit", { ...good, shapes: [[3]] }, "shape", "3 coordinates", "4"],
  ["a shape of zero", { ...good, shapes: [[4], [0]] }, "invalid-input", "shape 1", "positive"],
  [
    "an order that leaves a task out",
    { ...good, order: [[1], []] },
    "invalid-input",
    "task 1",
    "every other task once",
  ],
  ["an order with a task that is not there", { ...good, order: [[2], [0]] }, "invalid-input", "task 0", "index"],
  ["losses that are too few", { ...good, losses: [1] }, "invalid-input", "losses is [1]", "give 2"],
  ["steps and gradients", { ...good, steps: [{ gradients: [[1]] }] }, "invalid-input", "both steps and gradients"],
  [
    "a step with another number of tasks",
    { method: "ew", steps: [{ gradients: [[1], [2]] }, { gradients: [[1]] }] },
    "shape",
    "step 2",
    "give 2",
  ],
  ["options for a chain", { ...good, method: "ew+pcgrad", options: { tau: 1 } }, "usage", "chain", "each link"],
  [
    "an option given twice, differently",
    { ...good, method: "pcgrad(reduction=sum)", options: { reduction: "mean" } },
    "usage",
    "reduction",
    "give it once",
  ],
  ["a file that is not there", { ...good, method: "./no-such-pool.js" }, "not-found", "./no-such-pool.js"],
  [
    "a file that nobody allowed",
    { ...good, method: "./package.json" },
    "usage",
    "a file that only data names",
    "--allow ./package.json",
  ],
  [
    "a URL with code",
    { ...good, method: '"data:text/javascript,globalThis.ran=1;export default()=>({})"' },
    "usage",
    "a URL, or a module of the runtime, is no pool",
  ],
  ["a module of the runtime", { ...good, method: "child_process" }, "usage", "is no pool"],
];

describe("a wrong request", () => {
  it("gets one clear error, and the requests around it are still answered", async () => {
    const requests = [good, ...wrong.flatMap(([, request]) => [request, good])];
    const { code, stdout, stderr } = await gradpool(["pool", "--allow", "./no-such-pool.js"], {
      input: JSON.stringify(requests),
    });
    expect(code).toBe(1);
    const answers = JSON.parse(stdout) as readonly PoolAnswer[];
    expect(answers.length).toBe(requests.length);
    answers.filter((_, k) => k % 2 === 0).forEach(expectGood);
    wrong.forEach(([name, , errorCode, ...says], k) => {
      const { error } = answers[2 * k + 1] as PoolAnswer;
      expect(error?.code, name).toBe(errorCode);
      for (const word of says) expect(error?.message, name).toContain(word);
      expect(error?.message, name).toMatch(/^.+ \(.+\): .+$/);
    });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBe(wrong.length);
    lines.forEach((line, k) => expect(line).toMatch(new RegExp(`^gradpool: .+ \\(request ${2 * k + 2}, .+\\): .+$`)));
  });

  it("may be a malformed line among JSON Lines", async () => {
    const input = [JSON.stringify(good), '{ "method": "pcgrad", ', "", JSON.stringify(good)].join("\n");
    const { code, stdout, stderr } = await gradpool(["pool"], { input });
    expect(code).toBe(1);
    const [first, second, third, ...more] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as PoolAnswer);
    expect(more).toEqual([]);
    expectGood(first);
    expect(second?.error?.code).toBe("invalid-input");
    expect(second?.error?.message).toMatch(/malformed JSON.*\(line 2\)/);
    expectGood(third);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
  });

  it("may hold bare NaN, as Python writes it: that request alone is refused", async () => {
    const input = `[{"method":"pcgrad","gradients":[[1,NaN],[2,-Infinity]]}, ${JSON.stringify({ ...good })}]`;
    const { code, stdout } = await gradpool(["pool"], { input });
    expect(code).toBe(1);
    const [bad, fine] = JSON.parse(stdout) as readonly PoolAnswer[];
    expect(bad?.error?.code).toBe("non-finite");
    expectGood(fine);
  });

  it.each([
    ["a malformed document", '[{"method": "pcgrad", "gradients": [[1,]]}]', "malformed JSON"],
    [
      "an indented malformed document",
      '{\n  "method": "pcgrad",\n  "gradients": [[1, 2],\n    [3 4]]\n}',
      "line 4, column 8",
    ],
    ["nothing", "", "empty input"],
  ])("may be %s: one error", async (_name, input, says) => {
    const { code, stdout, stderr } = await gradpool(["pool"], { input });
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as PoolAnswer).error?.message).toContain(says);
    expect(stderr).toMatch(/^gradpool: [^\n]+\n$/);
  });
});

describe("gradpool pool", () => {
  it("answers in the form of the input: an object, an array, or lines; with --json one document", async () => {
    const one = JSON.stringify(good);
    const single = await gradpool(["pool"], { input: one });
    expect(single.code).toBe(0);
    expect(single.stderr).toBe("");
    expectGood(JSON.parse(single.stdout) as PoolAnswer);
    const array = await gradpool(["pool"], { input: `[${one}]` });
    expect((JSON.parse(array.stdout) as readonly PoolAnswer[]).length).toBe(1);
    const lines = await gradpool(["pool"], { input: `${one}\n${one}\n` });
    expect(
      lines.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as PoolAnswer).length,
    ).toBe(2);
    const document = await gradpool(["pool", "--json"], { input: `${one}\n${one}\n` });
    expect((JSON.parse(document.stdout) as readonly PoolAnswer[]).length).toBe(2);
    expect((await gradpool(["pool"], { input: "[]" })).stdout.trim()).toBe("[]");
  });

  it("reads a file, and says so in one line when it cannot", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradpool-cli-"));
    writeFileSync(join(folder, "request.json"), JSON.stringify(good));
    const { code, stdout } = await gradpool(["pool", "--input", "request.json"], { cwd: folder });
    expect(code).toBe(0);
    expectGood(JSON.parse(stdout) as PoolAnswer);
    const missing = await gradpool(["pool", "--input=nowhere.json"], { cwd: folder });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^gradpool: nowhere\.json cannot be read.* \(--input\): .+\n$/);
  });

  it("gives weights per group where shapes or rows make groups, and one list of T otherwise", async () => {
    const gradients = [
      [3, 4, 0, 1],
      [0, 2, 1, 0],
    ];
    const [whole, tensors, rows] = await poolRequests([
      { method: "metabalance", gradients },
      { method: "metabalance", gradients, shapes: [[2], [1, 2]] },
      { method: "pmtrec(tau=1)", rows: true, gradients: gradients.map((g) => [g.slice(0, 2), g.slice(2)]) },
    ]);
    expect(whole?.output?.[0]?.weights).toHaveLength(2);
    expect(tensors?.output?.[0]?.weights).toEqual([
      [1, expect.closeTo(0.3 + 0.7 * (5 / 2), 12)],
      [1, expect.closeTo(1, 12)],
    ]);
    expect(rows?.output?.[0]?.weights).toHaveLength(2);
    expect(rows?.output?.[0]?.combined).toHaveLength(2);
  });

  it("carries state from step to step, and repeats itself bit for bit", async () => {
    const steps = [
      [
        [3, 4],
        [0, 2],
      ],
      [
        [1, 0],
        [0, 4],
      ],
    ].map((gradients) => ({ gradients }));
    const requests = ["metabalance(relax=1)", "pcgrad", "rlw", "gradcraft", "multibalance"].map((method) => ({
      method,
      steps,
      seed: 5,
    }));
    const [first, ...others] = await poolRequests(requests);
    // Averages 0.5 and 0.2, then 0.55 and 0.58: the second step knows the first.
    expect(weightsOf(first, 1)[1]).toBeCloseTo(0.55 / 0.58, 12);
    const again = await poolRequests(requests);
    expect(again).toEqual([first, ...others]);
    const [other] = await poolRequests([{ method: "rlw", steps, seed: 6 }]);
    expect(other?.output).not.toEqual(others[1]?.output);
  });

  it("gives a task that is absent no weight, and takes a target", async () => {
    const [absent, target] = await poolRequests([
      { method: "pcgrad", gradients: [[1, 2], null, [-2, 0.5]] },
      {
        method: "pcgrad(against=target)",
        target: 1,
        gradients: [
          [1, 0],
          [-9, 3],
        ],
      },
    ]);
    expect(weightsOf(absent)[1]).toBe(0);
    // Only task 0 moves: (1, 0) loses its part along (-9, 3).
    const [x, y] = flatten(target?.output?.[0]?.combined);
    expect(x).toBeCloseTo(1 - 81 / 90 - 9, 12);
    expect(y).toBeCloseTo(27 / 90 + 3, 12);
  });

  it("hands losses to the pools that read them, and epochs to those that count them", async () => {
    const gradients = [[[1, 0]], [[0, 1]]];
    const [early, late] = await poolRequests(
      [1, 20].map((epoch) => ({ method: "pmtrec(tau=1)", rows: true, steps: [{ epoch, gradients }] })),
    );
    const weight = (answer: PoolAnswer | undefined): number => weightsOf(answer)[0] as number;
    expect(weight(late)).toBeGreaterThan(weight(early));
  });
});
