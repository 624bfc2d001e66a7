import type { Method } from "@gradpool/core";
import { assert, assertFinite, assertSame } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { poolsOf } from "./create.js";
import { denseStep, mixedFor, normalMatrix, play, type Step, tasksFor } from "./scenario.js";

/** Shapes and finite answers, whatever the gradients: scales, zeros, absent tasks, singular Grams. */
export function numberCases(method: Method): ConformanceCase[] {
  const { mixedStep, mixedScenario } = mixedFor(method);
  const n = tasksFor(method);
  const fewest = method.minTasks ?? 1;
  return poolsOf(method).flatMap(({ label, make }) => [
    check("numbers", `answers with one coordinate per coordinate${label}, for ${fewest} to 16 tasks`, () => {
      for (let tasks = fewest; tasks <= 16; tasks++) {
        const pool = make();
        const scenario = mixedScenario(tasks, 2);
        const { combined, weights } = play(pool, scenario);
        assertFinite(combined, `${tasks} tasks`);
        combined.forEach((vector, k) => assertShape(vector, weights[k], scenario.steps[k] as Step, tasks));
      }
    }),
    check("numbers", `stays finite${label} at scales from 1e-12 to 1e12, and gives zero for zero`, () => {
      for (const scale of [0, 1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9, 1e12]) {
        const scales = Array.from({ length: n }, () => scale);
        const steps = [mixedStep(n, 1, scales), mixedStep(n, 2, scales)];
        const { combined } = play(make(), { tasks: n, steps });
        assertFinite(combined, `scale ${scale}`);
        if (scale === 0) assertZero(combined, "all gradients zero");
      }
    }),
    check("numbers", `stays finite${label} with task scales that differ by up to 1e24`, () => {
      for (const scales of [
        [1, 1e6, 1e-6],
        [1e12, 1e-12, 1],
        [1e-12, 1, 1e12],
      ]) {
        const steps = [1, 2, 3].map((seed) => mixedStep(n, seed, scales));
        assertFinite(play(make(), { tasks: n, steps }).combined, `scales ${scales.join()}`);
      }
    }),
    check("numbers", `stays finite${label} with subnormal gradients and ratios that no float64 can hold`, () => {
      for (const scales of [
        [1, 1e-310, 1],
        [1e-310, 1, 1],
        [5e-324, 1e-310, 1e-300],
        [1e-310, 1e-310, 1e-310],
        [1e200, 1e-200, 1],
        [1e-200, 1, 1e200],
      ]) {
        const steps = [1, 2, 3].map((seed) => mixedStep(n, seed, scales));
        assertFinite(play(make(), { tasks: n, steps }).combined, `scales ${scales.join()}`);
      }
    }),
    check("numbers", `stays finite${label} when a task's gradient becomes zero, in each task and for 300 steps`, () => {
      for (let task = 0; task < 3; task++) {
        const scales = [0, 1, 2].map((i) => (i === task ? 0 : 1));
        const zeros = Array.from({ length: 300 }, (_, k) => mixedStep(n, k % 7, scales));
        const steps = [mixedStep(n, 1), ...zeros, mixedStep(n, 2)];
        assertFinite(play(make(), { tasks: n, target: 0, steps }).combined, `task ${task}`);
        assertFinite(
          play(make(), { tasks: n, target: 0, steps: zeros.slice(0, 3) }).combined,
          `task ${task} from the start`,
        );
      }
    }),
    check("numbers", `stays finite${label} with collinear, opposite, duplicate and dependent gradients`, () => {
      const [a, b] = normalMatrix(2, 6, 4) as [number[], number[]];
      const times = (row: readonly number[], factor: number): number[] => row.map((x) => factor * x);
      const sum = a.map((x, k) => x + (b[k] as number));
      for (const rows of [
        [a, a],
        [a, times(a, -1)],
        [a, times(a, 3)],
        [a, times(a, -1e6)],
        [a, a, a],
        [a, b, times(sum, -1)],
        [a, times(a, -1), b, times(b, -2)],
        [a, times(b, -1), times(sum, -1), b, a],
      ]) {
        const tasks = Math.max(rows.length, fewest);
        const step = denseStep(Array.from({ length: tasks }, (_, i) => rows[i % rows.length] as number[]));
        const { combined } = play(make(), { tasks, steps: [step, step, step] });
        assertFinite(combined, `${rows.length} dependent gradients`);
      }
    }),
    check("numbers", `lets no absent task take part${label}`, () => {
      const tasks = tasksFor(method, 1);
      const present = Array.from({ length: tasks }, (_, i) => i !== 1);
      const garbage = (value: number): Step =>
        denseStep(
          normalMatrix(tasks, 5, 8).map((row, i) => (present[i] === true ? row : row.map(() => value))),
          present,
        );
      const outcome = (value: number) =>
        play(make(), { tasks, steps: [denseStep(normalMatrix(tasks, 5, 7)), garbage(value), garbage(value)] }).combined;
      assertFinite(outcome(1), "with an absent task");
      assertSame(outcome(1), outcome(-1e9), "with other numbers for the absent task");
      assertSame(outcome(1), outcome(NaN), "with NaN for the absent task");
      const nobody = denseStep(
        normalMatrix(tasks, 5, 8),
        present.map(() => false),
      );
      assertZero(play(make(), { tasks, steps: [nobody] }).combined, "nobody present");
    }),
    check("numbers", `accepts float32 gradients${label}`, () => {
      const values = normalMatrix(n, 8, 5).map((row) => Float32Array.from(row));
      assertFinite(
        play(make(), { tasks: n, steps: [{ parameters: [{ name: "theta", values }] }] }).combined,
        "float32",
      );
    }),
  ]);
}

function assertShape(combined: Float64Array, weights: Float64Array | undefined, step: Step, tasks: number): void {
  let size = 0;
  for (const parameter of step.parameters) {
    if ("values" in parameter) {
      size += parameter.values.find((value) => value !== null)?.length ?? 0;
    } else {
      const touched = parameter.rows.flatMap((row) => (row === null ? [] : Array.from(row.ids)));
      size += new Set(touched).size * parameter.width;
    }
  }
  assert(combined.length === size, () => `${combined.length} coordinates, not ${size}`);
  assert(weights === undefined || weights.length % tasks === 0, () => `${weights?.length} weights for ${tasks} tasks`);
}

function assertZero(combined: readonly Float64Array[], what: string): void {
  combined.forEach((vector) =>
    vector.forEach((x, k) => assert(x === 0, () => `${what}: coordinate ${k} is ${x}, not 0`)),
  );
}
