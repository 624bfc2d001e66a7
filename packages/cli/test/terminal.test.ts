import { Writable } from "node:stream";
import { type ErrorCode, GradpoolError } from "@gradpool/core";
import { nearest } from "@gradpool/registry";
import { describe, expect, it } from "vitest";
import { defineCommand } from "../src/terminal/command.js";
import { errorText, exitCodeOf } from "../src/terminal/errors.js";
import { main } from "../src/terminal/main.js";
import { createProgress, duration, rateOf } from "../src/terminal/progress.js";
import { table } from "../src/terminal/table.js";
import { readNumber } from "../src/terminal/values.js";

/** A stream that keeps what is written to it. */
function sink(isTTY = false) {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 100 }), text: () => text };
}

const run = defineCommand({
  name: "run",
  summary: "runs",
  examples: ["gradpool run a --level b"],
  args: {
    file: { type: "positional", description: "a file" },
    level: { type: "enum", options: ["fast", "slow"], default: "fast", description: "a level" },
    out: { type: "string", required: true, description: "a folder" },
    with: { type: "string", description: "may be repeated" },
    quiet: { type: "boolean", description: "says less" },
  },
  repeatable: ["with"],
  async run({ args, all, terminal }) {
    terminal.note("working");
    terminal.result({ ...args, with: all("with") }, (document) => `file ${document.file}`);
    return args.quiet === true ? 1 : undefined;
  },
});

async function call(...argv: string[]) {
  const stdout = sink();
  const stderr = sink();
  const entries = { run: { summary: run.summary, load: async () => run } };
  const code = await main(argv, entries, "1.2.3", {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: process.stdin,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

describe("a command", () => {
  it("gets typed arguments, and prints for people or as one JSON document", async () => {
    expect(await call("run", "a.csv", "--out", "b", "--with=x", "--with", "y")).toEqual({
      code: 0,
      stdout: "file a.csv\n",
      stderr: "working\n",
    });
    const { stdout } = await call("run", "a.csv", "--out=b", "--with=x", "--with", "y", "--level", "slow", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ file: "a.csv", out: "b", level: "slow", with: ["x", "y"] });
    expect((await call("run", "a.csv", "--out", "b", "--quiet")).code).toBe(1);
    expect((await call("run", "a.csv", "--out", "b", "--no-quiet")).code).toBe(0);
  });

  it.each([
    [["run", "--out", "b"], /FILE is missing/],
    [["run", "a"], /--out is missing/],
    [["run", "a", "--out"], /--out has no value/],
    [["run", "a", "--out", "--quiet"], /--out has no value/],
    [["run", "a", "--out=b", "--out=c"], /--out is given twice/],
    [["run", "a", "--out=b", "--lvel=fast"], /unknown flag --lvel.*did you mean --level\?/],
    [["run", "a", "--out=b", "--no-out"], /unknown flag --no-out/],
    [["run", "a", "--out=b", "--level=fsat"], /--level is fsat.*fast \| slow/],
    [["run", "a", "b", "--out=c"], /2 arguments/],
    [["rnu"], /unknown command rnu.*did you mean run\?/],
  ])("refuses %j with exit code 2", async (argv, message) => {
    const { code, stdout, stderr } = await call(...argv);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });

  it("has help, with what every command takes", async () => {
    const { code, stdout } = await call("run", "--help");
    expect(code).toBe(0);
    for (const word of ["USAGE gradpool run", "--level", "--json", "--debug", "gradpool run a --level b"])
      expect(stdout).toContain(word);
    expect((await call("--version")).stdout).toBe("1.2.3\n");
  });
});

describe("an error", () => {
  it("is one line, with stacks of its causes when asked for", () => {
    const error = new GradpoolError({
      code: "damaged",
      what: "cut\noff",
      where: "a.parquet",
      remedy: "prepare again",
      cause: new Error("inner"),
    });
    expect(errorText(error, false)).toBe("gradpool: cut off (a.parquet): prepare again");
    expect(errorText(error, true)).toMatch(/Error: inner\n\s+at /);
    expect(errorText(new TypeError("x is undefined"), false)).toMatch(
      /^gradpool: TypeError: x is undefined \(internal error\): .+$/,
    );
  });

  it("tells wrong usage from a failed run", () => {
    const of = (code: ErrorCode): number => exitCodeOf(new GradpoolError({ code, what: "a", where: "b", remedy: "c" }));
    expect([of("usage"), of("unknown-method"), of("damaged"), exitCodeOf(new Error("x"))]).toEqual([2, 2, 1, 1]);
    expect(of("interrupted")).toBe(130);
  });
});

describe("progress", () => {
  it("says nothing about work of under two seconds", () => {
    let now = 0;
    const { stream, text } = sink();
    const progress = createProgress(stream, { label: "reading", total: 10 }, () => now);
    now = 1_999;
    progress.update(9);
    progress.stop();
    expect(text()).toBe("");
  });

  it("is a plain line every few seconds in a log, with rate and time left", () => {
    let now = 0;
    const { stream, text } = sink();
    const progress = createProgress(stream, { label: "reading", total: 1_000, unit: "rows" }, () => now);
    for (const [at, done] of [
      [2_000, 100],
      [3_000, 150],
      [6_900, 300],
      [7_000, 400],
      [12_000, 600],
    ] as const) {
      now = at;
      progress.update(done, "ok");
    }
    progress.stop();
    now = 30_000;
    progress.update(1_000);
    expect(text()).toBe(
      [
        "reading: 10 %, 50 rows/s, 18s left, ok",
        "reading: 40 %, 57.1 rows/s, 11s left, ok",
        "reading: 60 %, 50 rows/s, 8s left, ok",
        "",
      ].join("\n"),
    );
  });

  it("counts what was done before as done, not as speed", () => {
    let now = 0;
    const { stream, text } = sink();
    const progress = createProgress(stream, { label: "comparing", total: 30, unit: "trials" }, () => now);
    progress.found(20);
    now = 60_000;
    progress.update(20);
    progress.update(21);
    now = 120_000;
    progress.update(22);
    progress.stop();
    expect(text()).toBe(
      ["comparing: 70 %, 1 trials/min, 9m 0s left", "comparing: 73 %, 1 trials/min, 8m 0s left", ""].join("\n"),
    );
  });

  it("promises nothing while what was done does not tell the rate", () => {
    let now = 0;
    const { stream, text } = sink();
    const progress = createProgress(stream, { label: "comparing", total: 30, unit: "trials" }, () => now);
    now = 3_000;
    progress.update(0.01, "ew seed 1", false);
    now = 9_000;
    progress.update(1.5, "ew seed 2");
    progress.stop();
    expect(text()).toBe(
      ["comparing: 0 %, ew seed 1", "comparing: 5 %, 10 trials/min, 2m 51s left, ew seed 2", ""].join("\n"),
    );
  });

  it("writes fewer lines as it takes longer", () => {
    let now = 0;
    const { stream, text } = sink();
    const progress = createProgress(stream, { label: "comparing", total: 7_200 }, () => now);
    for (let second = 1; second < 7_200; second++) {
      now = 1000 * second;
      progress.update(second);
    }
    expect(text().trim().split("\n").length).toBeLessThan(400);
    expect(text()).toContain("1/s");
  });

  it("gives slow rates per minute and per hour", () => {
    expect([2.5, 0.5, 0.05, 0.001].map((rate) => rateOf(rate, "trials"))).toEqual([
      "2.5 trials/s",
      "0.5 trials/s",
      "3 trials/min",
      "3.6 trials/h",
    ]);
    expect(rateOf(1_500, "")).toBe("1.5K/s");
  });

  it("is a bar on a terminal", () => {
    let now = 0;
    const { stream, text } = sink(true);
    const progress = createProgress(stream, { label: "reading", total: 10 }, () => now);
    now = 4_000;
    progress.update(5);
    progress.stop();
    expect(text()).toMatch(/reading .*50%/);
  });

  it("tells time in words", () => {
    expect([5, 75, 3_700, Number.NaN].map(duration)).toEqual(["5s", "1m 15s", "1h 1m", "?"]);
  });
});

describe("the small helpers", () => {
  it("find the nearest names, and none that would be a far guess", () => {
    const known = ["pcgrad", "pcgrad-plus", "metabalance", "ew"];
    expect(nearest("pcgard", known)[0]).toBe("pcgrad");
    expect(nearest("meta", known)).toEqual(["metabalance"]);
    expect(nearest("something", known)).toEqual([]);
  });

  it("align numbers to the right in tables", () => {
    expect(
      table(
        ["name", "n"],
        [
          ["a", "1"],
          ["bcd", "12.5"],
        ],
      ),
    ).toBe(["name     n", "a        1", "bcd   12.5"].join("\n"));
  });

  it("read numbers, or say what range they are missing", () => {
    expect(readNumber("1e3", "batch", { integer: true })).toBe(1_000);
    expect(() => readNumber("0", "batch", { min: 1, integer: true })).toThrow(/--batch is 0 .*an integer in \[1, ∞\)/);
    expect(() => readNumber("x", "lr")).toThrow(/--lr is x/);
    expect(() => readNumber("", "lr")).toThrow(/--lr is/);
  });
});
