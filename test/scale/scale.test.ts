/** Training with tables that lie on N machines, each a process of its own: only partial Grams are exchanged for the pool to decide. */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRandom, type GradientPool, type GramSet, poolContext, taskSet } from "@gradpool/core";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import { afterEach, describe, expect, it } from "vitest";
import { gramBytes, levelBytes, triangle } from "./formula.js";

const tasks = 3;
const dim = 4;
const blocks = 8;
const rowsPerBlock = 5;
const rate = 0.1;
const steps = 6;

const running: ChildProcess[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill()));

/** Bytes of numbers in a message: what a wire would have to carry; names and brackets are not counted. */
const bytesOf = (value: unknown): number =>
  ArrayBuffer.isView(value)
    ? value.byteLength
    : typeof value === "object" && value !== null
      ? Object.values(value).reduce((sum: number, part) => sum + bytesOf(part), 0)
      : 0;

interface Answer {
  readonly values?: Float32Array;
  readonly gram?: Float64Array;
  readonly rows?: readonly (readonly [number, readonly number[]])[];
}

/** The machines, and what crossed between them and the one that reads batches and decides. */
function start(machines: number) {
  const children = Array.from({ length: machines }, () =>
    fork(fileURLToPath(new URL("shard.mjs", import.meta.url)), { serialization: "advanced" }),
  );
  running.push(...children);
  const crossed = { rows: 0, gradients: 0, pooling: 0 };
  const tell = (k: number, kind: keyof typeof crossed | null, message: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const child = children[k] as ChildProcess;
      child.once("message", (answer: Answer) => {
        // The first machine is the one that decides: what it tells itself crosses no wire.
        if (kind !== null && k > 0) crossed[kind] += bytesOf(message) + bytesOf(answer);
        child.removeAllListeners("error");
        resolve(answer);
      });
      child.once("error", reject);
      child.send(message);
    });
  return { tell, crossed };
}

type Machines = ReturnType<typeof start>;

const ownerOf = (row: number, machines: number): number =>
  Math.floor(Math.floor(row / rowsPerBlock) / (blocks / machines));

/** Pairs of rows that task t should bring together, the same for any number of machines. */
function batchOf(step: number, t: number): readonly (readonly [number, number])[] {
  const random = createRandom(11, step, t);
  return Array.from(
    { length: 6 },
    () => [random.int(blocks * rowsPerBlock), random.int(blocks * rowsPerBlock)] as const,
  );
}

async function run(machines: number, pool: GradientPool) {
  const { tell, crossed } = start(machines);
  const per = blocks / machines;
  const random = createRandom(5);
  const rows = Array.from(
    { length: blocks * rowsPerBlock },
    (_, row) => [row, Array.from({ length: dim }, () => random.normal())] as const,
  );
  for (let k = 0; k < machines; k++) {
    const own = Array.from({ length: per }, (_, b) => [
      k * per + b,
      rows.filter(([row]) => Math.floor(row / rowsPerBlock) === k * per + b),
    ]);
    await tell(k, null, { name: "own", blocks: own, tasks, dim, rate, rowsPerBlock });
  }
  let state = pool.init(taskSet(tasks));
  let pooledBytes = 0;
  for (let step = 1; step <= steps; step++) {
    const batches = Array.from({ length: tasks }, (_, t) => batchOf(step, t));
    const values = await gather({ tell, crossed }, machines, batches);
    await scatter({ tell, crossed }, machines, batches, values);
    const grams: Float64Array[] = [];
    for (let k = 0; k < machines; k++)
      grams.push((await tell(k, "pooling", { name: "gram", first: k * per, count: per })).gram as Float64Array);
    const { mixing, state: next } = pool.mix!(gramSet(addUp(grams)), poolContext({ tasks, step }), state);
    state = next;
    const weights = weightsOf(mixing.matrices, mixing.diagonal);
    for (let k = 0; k < machines; k++) await tell(k, "pooling", { name: "apply", weights });
    pooledBytes = crossed.pooling / step;
  }
  const all = await Promise.all(Array.from({ length: machines }, (_, k) => tell(k, null, { name: "weights" })));
  return { rows: all.flatMap(({ rows: own }) => own ?? []), pooledBytes, crossed };
}

async function gather(
  { tell }: Machines,
  machines: number,
  batches: readonly (readonly (readonly [number, number])[])[],
) {
  const wanted = [...new Set(batches.flat(2))].sort((a, b) => a - b);
  const values = new Map<number, Float32Array>();
  for (let k = 0; k < machines; k++) {
    const ids = Int32Array.from(wanted.filter((row) => ownerOf(row, machines) === k));
    const answer = await tell(k, "rows", { name: "gather", ids });
    ids.forEach((id, at) => values.set(id, answer.values!.subarray(at * dim, (at + 1) * dim)));
  }
  return values;
}

/** d/d rows of Σ softplus(−⟨left, right⟩) of each task, to the machines that own them. */
async function scatter(
  { tell }: Machines,
  machines: number,
  batches: readonly (readonly (readonly [number, number])[])[],
  values: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  const made = batches.map((pairs) =>
    pairs.flatMap(([left, right]) => {
      const [a, b] = [values.get(left)!, values.get(right)!];
      const score = a.reduce((sum, x, c) => sum + x * b[c]!, 0);
      const pull = -1 / (1 + Math.exp(score));
      return [
        [left, b.map((x) => pull * x)],
        [right, a.map((x) => pull * x)],
      ] as [number, Float32Array][];
    }),
  );
  for (let k = 0; k < machines; k++) {
    const own = made.map((list) => list.filter(([row]) => ownerOf(row, machines) === k));
    await tell(k, "gradients", {
      name: "scatter",
      tasks: own.map((list) => ({
        ids: Int32Array.from(list.map(([row]) => row)),
        values: Float32Array.from(list.flatMap(([, gradient]) => [...gradient])),
      })),
    });
  }
}

/** Two by two, as the machines add up their own blocks: the tree is the same for any number of them. */
function addUp(grams: readonly Float64Array[]): Float64Array {
  if (grams.length === 1) return grams[0] as Float64Array;
  const half = Array.from({ length: grams.length / 2 }, (_, k) =>
    grams[2 * k]!.map((x, at) => x + grams[2 * k + 1]![at]!),
  );
  return addUp(half);
}

function gramSet(lower: Float64Array): GramSet {
  const at = (i: number, j: number): number => lower[triangle(Math.max(i, j)) + Math.min(i, j)] as number;
  const norms = Float64Array.from({ length: tasks }, (_, i) => Math.sqrt(at(i, i)));
  const cosines = Float64Array.from({ length: tasks * tasks }, (_, k) => {
    const [i, j] = [Math.floor(k / tasks), k % tasks];
    return i === j ? 1 : at(i, j) / (norms[i]! * norms[j]!);
  });
  const present = Array.from({ length: tasks }, () => true);
  return { granularity: "model", tasks, present, blocks: [{ parameter: null, count: 1 }], size: 1, norms, cosines };
}

const weightsOf = (matrix: Float64Array, diagonal: boolean): Float64Array =>
  Float64Array.from({ length: tasks }, (_, j) =>
    diagonal ? matrix[j]! : Array.from({ length: tasks }, (_v, i) => matrix[i * tasks + j]!).reduce((a, b) => a + b, 0),
  );

describe("tables on N machines", () => {
  it.each<readonly [string, () => GradientPool]>([
    ["pcgrad", () => pcgrad() as GradientPool],
    ["metabalance", () => metaBalance({ granularity: "model" }) as GradientPool],
  ])(
    "end with the bits of one, and exchange what the formula says: %s",
    async (_name, pool) => {
      const one = await run(1, pool());
      expect(one.crossed).toEqual({ rows: 0, gradients: 0, pooling: 0 });
      expect(one.rows).toHaveLength(blocks * rowsPerBlock);
      for (const machines of [2, 4, 8]) {
        const many = await run(machines, pool());
        expect(many.rows).toEqual(one.rows);
        expect(many.pooledBytes).toBe(gramBytes({ tasks, machines }));
        // Pooling is a small part of what rows cost anyhow, already with rows of four numbers.
        expect(many.crossed.pooling / steps).toBeLessThan((many.crossed.rows + many.crossed.gradients) / steps);
      }
    },
    60_000,
  );
});

describe("docs/scale.md", () => {
  it("has the numbers of the formula", () => {
    const text = readFileSync(new URL("../../docs/scale.md", import.meta.url), "utf8");
    const lines = text.split("\n").filter((line) => line.startsWith("| 10"));
    expect(lines).toHaveLength(24);
    for (const line of lines) {
      const [, dense, machines, ...cells] = line.split("|").map((cell) => cell.trim());
      const shape = { tasks: 8, machines: Number(machines), dense: 10 ** superscript(dense!) };
      const levels = ["losses", "representation", "parameters"] as const;
      levels.forEach((level, k) => expect(cells[k], line).toBe(inBytes(levelBytes[level](shape))));
    }
  });
});

const superscript = (text: string): number =>
  Number(Array.from(text.replace("10", ""), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join(""));

function inBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
