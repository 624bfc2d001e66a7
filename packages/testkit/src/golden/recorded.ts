import {
  batchesOf,
  type Diagnostics,
  given,
  type GradientPool,
  isGradpoolError,
  type JsonObject,
  poolContext,
  type TaskGradients,
  taskGradients,
  taskSet,
} from "@gradpool/core";
import { assert, dot, norm } from "../assert.js";
import type { Runner } from "../runner.js";
import { expectClose } from "./close.js";
import { type Decoded, flatten, type Matrix, readGolden } from "./records.js";

/** One step of a record of the second wave. */
export interface RecordedStep {
  readonly gradients?: Matrix;
  readonly gradients2?: Matrix;
  readonly gradients3?: Matrix;
  readonly losses?: readonly number[];
  readonly validation?: readonly number[];
  readonly present?: readonly boolean[];
}

/** What is expected, one entry a step. */
interface Expected {
  readonly output?: readonly (readonly number[])[];
  readonly weights?: readonly (readonly number[])[];
  readonly total?: readonly number[];
  readonly state?: readonly Readonly<Record<string, Decoded>>[];
}

/** A record of the second wave: `right` is the answer where the reference's is another. */
export interface RecordedSteps extends Expected {
  readonly id: string;
  readonly source: string;
  readonly method: string;
  readonly options: JsonObject;
  readonly input: { readonly case?: string; readonly target?: number; readonly steps: readonly RecordedStep[] };
  readonly verdict: "right" | "wrong" | "rule";
  readonly why?: string;
  readonly right?: Expected;
  readonly right_options?: JsonObject;
  readonly tolerance?: number;
  readonly undefined?: boolean;
}

export interface Recorded<S> {
  /** golden2.json beside the test. */
  readonly file: URL;
  readonly method: string;
  readonly pool: (options: JsonObject, record: RecordedSteps) => GradientPool<S>;
  /** What of the state after a step is recorded under which name. */
  readonly state?: Readonly<Record<string, (state: S, record: RecordedSteps) => unknown>>;
  /** What the recorder kept by reference, so that every step shows it as it was after the last. */
  readonly last?: readonly string[];
  /** Ids of records that the test deals with by itself. */
  readonly except?: readonly string[];
  /** Default 1e-9; a record's own is taken where it is larger. */
  readonly relative?: number;
}

export interface Played<S> {
  readonly combined: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly total: number | undefined;
  readonly state: S;
}

const unit = (tasks: number): Matrix =>
  Array.from({ length: tasks }, (_, i) => Array.from({ length: tasks }, (__, j) => Number(i === j)));

/** The gradients of a step and of its other batches; of losses alone, unit gradients. */
function shown(step: RecordedStep): readonly TaskGradients[] {
  const first = step.gradients ?? unit(step.losses?.length ?? 1);
  const present = step.present ?? first.map(() => true);
  return batchesOf(
    [first, step.gradients2, step.gradients3].flatMap((rows) =>
      rows === undefined ? [] : [{ parameters: [{ name: "p", values: rows }], present }],
    ),
  );
}

/** Pools the steps of a record, state carried along. */
export function playRecorded<S>(pool: GradientPool<S>, { input }: Pick<RecordedSteps, "input">): readonly Played<S>[] {
  const rows = input.steps[0]?.gradients ?? unit(input.steps[0]?.losses?.length ?? 1);
  const tasks = taskSet(rows.length, input.target ?? 0);
  let state = pool.init(tasks);
  return input.steps.map((step, k) => {
    const [gradients, second, third] = shown(step);
    const { validation } = step;
    let total: number | undefined;
    const context = poolContext({
      tasks,
      step: k + 1,
      report: ({ values }: Diagnostics) => (total = typeof values["total"] === "number" ? values["total"] : total),
      ...given({
        losses: step.losses,
        second,
        third,
        validation:
          validation === undefined
            ? undefined
            : { norm: norm(validation), dots: (step.gradients ?? []).map((row) => dot(row, validation)) },
      }),
    });
    const result = pool.pool(gradients ?? taskGradients({ parameters: [] }), context, state);
    state = result.state;
    const combined = Float64Array.from(result.combined.value("p"));
    return { combined, weights: result.combined.weights?.weights, total, state };
  });
}

/** Throws unless the pool answers a record in every step: weights, combined gradients, totals, and the named parts of its state. */
export function expectRecorded<S>(
  record: RecordedSteps,
  { pool, state = {}, last = [], relative = 1e-9 }: Recorded<S>,
): void {
  const options = record.right === undefined ? record.options : (record.right_options ?? record.options);
  const want: Expected = record.right ?? record;
  const close = { relative: Math.max(relative, record.tolerance ?? 0) };
  const played = playRecorded(pool(options, record), record);
  played.forEach((got, k) => {
    assert([...got.combined].every(Number.isFinite), () => `step ${k + 1} is not finite`);
    if (record.undefined === true) return;
    const step = record.input.steps[k] as RecordedStep;
    if (want.weights !== undefined && got.weights !== undefined) expectClose(got.weights, want.weights[k], close);
    if (want.output !== undefined) {
      expectClose(got.combined, want.output[k], {
        ...close,
        scale: massOf(step, got.weights, flatten(want.output[k])),
      });
    }
    if (want.total !== undefined && got.total !== undefined) expectClose([got.total], [want.total[k]], close);
    for (const [name, read] of Object.entries(state)) {
      const recorded = want.state?.[k]?.[name];
      if (recorded !== undefined && (!last.includes(name) || k === played.length - 1)) {
        const scale = Math.max(1e-300, ...flatten(recorded).map(Math.abs));
        expectClose(read(got.state, record), recorded, { ...close, scale });
      }
    }
  });
}

/** The largest Σ |wᵢgᵢ| of a coordinate: what rounding is relative to. */
function massOf({ gradients }: RecordedStep, weights: Float64Array | undefined, want: readonly number[]): number {
  const most = Math.max(1e-300, ...want.map(Math.abs));
  if (gradients === undefined || weights === undefined) return most;
  const sums = want.map((_, p) =>
    gradients.reduce((sum, row, i) => sum + Math.abs((weights[i] ?? 0) * (row[p] as number)), 0),
  );
  return Math.max(most, ...sums);
}

/** The records of one method in a file of the second wave. */
export function recordedOf(file: URL, method: string): readonly RecordedSteps[] {
  const records = (readGolden(file).records as unknown as RecordedSteps[]).filter((record) => record.method === method);
  if (records.length === 0) throw new Error(`no record of ${method} in ${file.pathname}`);
  return records;
}

/** One test for each record of a method. */
export function describeRecorded<S>(recorded: Recorded<S>, { describe, it }: Runner): void {
  const { file, method } = recorded;
  describe(`${method} answers as recorded`, () => {
    for (const record of recordedOf(file, method)) {
      const { id, source, input, verdict } = record;
      if (recorded.except?.includes(id) === true) continue;
      const how =
        record.undefined === true
          ? "stays finite where there is no answer to"
          : verdict === "right"
            ? "matches"
            : `gives the right answer, not that of`;
      it(`${how} ${source} on ${input.case ?? "its own steps"} (${id})`, () => {
        try {
          expectRecorded(record, recorded);
        } catch (error) {
          throw isGradpoolError(error) ? error : new Error(`${id}: ${(error as Error).message}`, { cause: error });
        }
      });
    }
  });
}
