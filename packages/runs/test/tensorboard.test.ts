import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FitEvent, train, type TrainOptions } from "../src/index.js";
import { crc32c, tfRecord } from "../src/live/records.js";

const python = process.env["PEER_PYTHON"] ?? "python3";
const canRead = spawnSync(python, ["-c", "import tensorboard"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "gradpool-events-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const events = join(folder, "events");
const seen: FitEvent[] = [];
const tasks = ["buy", "cart", "pv"];

/** A run per row, stopped in its second epoch and resumed: two files of events, some steps in both. */
beforeAll(async () => {
  const config = {
    data: "shop(users=60,items=50)",
    pool: "pmtrec",
    epochs: 3,
    batch: 32,
    metrics: ["ndcg@10"],
    diagnosticsEvery: 4,
    schedule: "cosine",
    clipNorm: 1,
    tasks,
  };
  const base = { config, out: join(folder, "run"), tensorboard: events };
  const stop = new AbortController();
  const run = (more: Partial<TrainOptions>) => train({ ...base, ...more, onEvent: (event) => seen.push(event) });
  const first = await train({
    ...base,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === "step" && event.epoch === 2 && event.step % 4 === 2) stop.abort();
      seen.push(event);
    },
  });
  expect(first.result.stopped).toBe("interrupted");
  await run({ resume: true });
});

describe("event files", () => {
  it("hold records with TensorFlow's checksums", () => {
    // RFC 3720, B.4, and the check value of the catalogue of CRC algorithms.
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    const names = readdirSync(events);
    expect(names).toHaveLength(2);
    for (const name of names) {
      let rest = readFileSync(join(events, name));
      let count = 0;
      while (rest.length > 0) {
        const length = Number(rest.readBigUInt64LE(0));
        const record = rest.subarray(12, 12 + length);
        expect(tfRecord(record).equals(rest.subarray(0, 16 + length))).toBe(true);
        rest = rest.subarray(16 + length);
        count++;
      }
      expect(count).toBeGreaterThan(3);
    }
  });

  it.skipIf(!canRead)(
    `are what TensorBoard's own reader finds${canRead ? "" : " (no tensorboard in PEER_PYTHON)"}`,
    () => {
      const script = fileURLToPath(new URL("read_events.py", import.meta.url));
      const { scalars, histograms } = JSON.parse(execFileSync(python, [script, events], { encoding: "utf8" })) as {
        readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
        readonly histograms: Readonly<Record<string, readonly (readonly unknown[])[]>>;
      };
      const steps = seen.filter((event) => event.type === "step" && event.diagnostics !== undefined);
      const byStep = new Map(steps.map((event) => [event.step, event]));
      const figures = [...byStep.values()] as Extract<FitEvent, { type: "step" }>[];
      const expectScalar = (tag: string, pick: (event: (typeof figures)[number]) => number): void => {
        const found = scalars[tag]!;
        expect(
          found.map(([step]) => step),
          tag,
        ).toEqual(figures.map(({ step }) => step));
        found.forEach(([, value], k) => expect(value).toBe(Math.fround(pick(figures[k]!))));
      };
      expectScalar("learning_rate", ({ learningRate }) => learningRate);
      expectScalar("gradient_norm", ({ norm }) => norm!);
      tasks.forEach((task, t) => {
        expectScalar(`loss/${task}`, ({ losses }) => losses[t]!);
        expectScalar(`norm/${task}`, ({ diagnostics }) => diagnostics!.norms[t]!);
        expectScalar(`weight/${task}`, ({ diagnostics }) => diagnostics!.weights[t]!);
      });
      expectScalar("cosine/buy,cart", ({ diagnostics }) => diagnostics!.cosines[3]!);
      const valid = new Map(
        seen.flatMap((event) => (event.type === "evaluation" ? [[event.step, event.metrics]] : [])),
      );
      expect(scalars["valid/ndcg@10"]).toEqual(
        [...valid].map(([step, metrics]) => [step, Math.fround(metrics["ndcg@10"]!)]),
      );
      expect(scalars["epoch_loss/buy"]).toHaveLength(3);
      const held = histograms["row_weights/cart"]!;
      expect(held.map(([step]) => step)).toEqual(figures.map(({ step }) => step));
      const own = Float64Array.from(figures[0]!.weights!.weights.filter((_, k) => k % 3 === 1));
      const [, least, most, count, sum] = held[0] as [number, number, number, number, number];
      expect([least, most, count]).toEqual([Math.min(...own), Math.max(...own), own.length]);
      expect(sum).toBeCloseTo(
        own.reduce((a, b) => a + b, 0),
        6,
      );
      expect((held[0]![7] as number[]).reduce((a, b) => a + b, 0)).toBe(own.length);
    },
  );
});
