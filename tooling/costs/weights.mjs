import { importSource } from "../typescript.mjs";

const tasks = 16;
const coordinates = 256;
const rounds = 15;

/**
 * Microseconds of processor time of one decision among 16 tasks, gradients and Grams given: a median over rounds in which the methods take
 * turns. Norms within 1e±3, half of the pairs in conflict.
 */
export async function decisionTimes(methods) {
  const core = await importSource("packages/core/src/index.ts");
  const sides = Object.entries(methods).map(([name, { create }]) => sideOf(core, name, create(tasks)));
  const times = new Map(sides.map(({ name }) => [name, []]));
  for (const side of sides) side.run(200);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < sides.length; k++) {
      const side = sides[(k + round) % sides.length];
      times.get(side.name).push(side.run(side.calls));
    }
  }
  const figures = Object.fromEntries(
    sides.map(({ name, looks }) => [name, { microseconds: rounded(median(times.get(name))), looks }]),
  );
  return { about: { tasks, coordinates }, figures };
}

function sideOf(core, name, pool) {
  const { createRandom, poolContext, taskGradients, taskSet } = core;
  const set = taskSet(tasks);
  const random = createRandom(3);
  const drawn = () => {
    const common = Array.from({ length: coordinates }, () => random.normal());
    const values = Array.from({ length: tasks }, (_, i) => {
      const scale = 10 ** (6 * random.uniform() - 3);
      return Float64Array.from(common, (x) => scale * (random.normal() + (i % 2 === 0 ? 0.5 : -0.5) * x));
    });
    const gradients = taskGradients({ parameters: [{ name: "p", values }] });
    for (const granularity of ["model", "parameter"]) gradients.gram(granularity);
    return gradients;
  };
  const sets = Array.from({ length: 20 }, () => [drawn(), drawn(), drawn()]);
  const losses = Float64Array.from({ length: tasks }, (_, i) => 0.2 + 0.1 * i);
  let state = pool.init(set);
  let step = 0;
  const ask = () => {
    step++;
    const [gradients, second, third] = sets[step % sets.length];
    const more = (pool.batches ?? 1) === 1 ? {} : { second, third };
    const validation = pool.wantsValidation?.(step) === true ? { validation: { norm: 1, dots: losses } } : {};
    const context = poolContext({
      tasks: set,
      losses,
      step,
      epoch: 1 + Math.floor(step / 500),
      donate: true,
      ...more,
      ...validation,
    });
    state = pool.pool(gradients, context, state).state;
  };
  const run = (calls) => {
    const from = process.cpuUsage();
    for (let k = 0; k < calls; k++) ask();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / calls;
  };
  // As many as take some milliseconds: the clock counts microseconds.
  run(50);
  const calls = Math.max(20, Math.ceil(8000 / Math.max(1, run(50))));
  return { name, run, calls, looks: pool.needs === "gradients" || (pool.batches ?? 1) > 1 };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const rounded = (value) => Number(value.toPrecision(2));
