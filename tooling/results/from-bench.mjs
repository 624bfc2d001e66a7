/** A finished comparison's folder → what of it is kept: settings, machine, time, and for each contender mean, deviation, seeds. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { shortened } from "./store.mjs";

const sum = (values) => values.reduce((total, value) => total + value, 0);
const distinct = (values) => [...new Set(values)];

/** Of the prepared set: sizes, split, and what it was made of, by names and hashes. Nothing of its contents. */
function factsOf(data) {
  const path = join(data, "manifest.json");
  // A generated set is named by its options; a folder that is gone is not named at all: it is a path of somebody's machine.
  if (!existsSync(path)) return /^shop\b/.test(data) ? { name: data } : {};
  const { sources, split, users, items, behaviors, impressions, seed } = JSON.parse(readFileSync(path, "utf8"));
  return {
    users,
    items,
    behaviors,
    ...(impressions && { impressions: { train: impressions.train, valid: impressions.valid, test: impressions.test } }),
    split: { ...split, seed },
    sources: sources.map(({ name, sha256 }) => ({ name, sha256 })),
  };
}

/** Named values of all records, several joined: a comparison that went on elsewhere says so. */
function environmentOf(records) {
  const names = distinct(records.flatMap(({ environment }) => Object.keys(environment)));
  return Object.fromEntries(
    names.map((name) => [name, distinct(records.flatMap((record) => record.environment[name] ?? [])).join(" · ")]),
  );
}

const seconds = (records, field) => Math.round(sum(records.map(({ cost }) => cost?.[field] ?? 0)));

/** Of a contender's own trials, at the chosen point, those of the comparison. */
const speedOf = (records, { label, point }, seeds) =>
  seeds.map((seed) => {
    const found = records.find(
      (record) =>
        record.label === label &&
        record.config.seed === seed &&
        JSON.stringify(record.point) === JSON.stringify(point) &&
        record.cost,
    );
    return found === undefined ? null : Math.round(found.cost.samplesPerSecond);
  });

const measured = (metrics) =>
  Object.fromEntries(Object.entries(metrics).map(([name, { mean, sd, values }]) => [name, { mean, sd, values }]));

/** Task by task on validation, at every point that was tried, the mean over the tuning seeds: what fronts are drawn of. */
function pointsOf(records, { base, tuningSeeds }) {
  const [metric] = base.metrics;
  const names = base.tasks.map((task) => `${metric}/${task}`);
  if (names.length < 2) return [];
  const groups = new Map();
  for (const { label, point, config, result } of records) {
    if (!tuningSeeds.includes(config.seed) || names.some((name) => result?.best?.[name] === undefined)) continue;
    const key = JSON.stringify([label, point]);
    const values = names.map((name) => result.best[name]);
    groups.set(key, { label, point, all: [...(groups.get(key)?.all ?? []), values] });
  }
  return [...groups.values()].map(({ label, point, all }) => ({
    label,
    point,
    values: names.map((_, k) => sum(all.map((values) => values[k])) / all.length),
  }));
}

/** Of contenders that are there as a curve: on validation, at every value of their one option, by tuning seed. */
function curvesOf({ grid = [], contenders }) {
  return contenders.flatMap(({ label, group }) => {
    const cells = group === "sensitivity" ? grid.filter((cell) => cell.label === label) : [];
    const names = Object.keys(cells[0]?.point ?? {});
    const [name, ...others] = names.filter((key) => distinct(cells.map(({ point }) => point[key])).length > 1);
    if (name === undefined || others.length > 0) return [];
    const points = cells.map(({ point, values }) => ({ value: point[name], values }));
    return [{ label, name, metric: cells[0].metric, points }];
  });
}

/** `circumstances`: what else the machine did, and what was cut, in words. `quiet`: nothing else ran, so that speeds mean something. `words`: the data's name. `processor`: seconds that all processors spent on it. `experiment`: it looks for a reason, and judges no claim. */
export function fromBench(
  folder,
  { name, words, circumstances, command, processor, quiet = false, experiment = false },
) {
  const read = (file) => readFileSync(join(folder, file), "utf8");
  const summary = JSON.parse(read("summary.json"));
  const records = read("results.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { plan } = summary;
  const { data, ...base } = plan.base;
  const curves = curvesOf(summary);
  return shortened({
    version: 1,
    name,
    recipe: plan.name,
    title: plan.title,
    words,
    command,
    circumstances,
    quiet,
    ...(experiment && { experiment }),
    budget: plan.budget ?? null,
    data: factsOf(data),
    base,
    grid: plan.grid,
    seeds: plan.seeds,
    tuningSeeds: plan.tuningSeeds,
    baseline: plan.baseline,
    single: plan.single,
    environment: environmentOf(records),
    trials: {
      count: records.length,
      failed: records.filter(({ status }) => status === "failed").length,
      trainingSeconds: seconds(records, "trainingSeconds"),
      wallSeconds: seconds(records, "wallSeconds"),
      ...(processor !== undefined && { processorSeconds: Number(processor) }),
    },
    premises: summary.premises?.sentences ?? [],
    notes: summary.notes,
    contenders: summary.contenders.map((one) => {
      const { role, baseline } = plan.contenders.find(({ label }) => label === one.label) ?? {};
      return {
        label: one.label,
        ...(baseline !== undefined && { baseline }),
        name: one.name,
        pool: one.pool,
        group: one.group,
        role: role ?? null,
        point: one.point,
        failed: one.failed,
        bestEpochs: one.bestEpochs,
        samplesPerSecond: speedOf(records, one, plan.seeds),
        relativeImprovement: one.relativeImprovement,
        test: measured(one.test),
        valid: measured(one.valid),
        verdicts: Object.fromEntries(
          Object.entries(one.versusBaseline).map(([metric, { p, pHolm, verdict }]) => [metric, { p, pHolm, verdict }]),
        ),
      };
    }),
    points: pointsOf(records, plan),
    ...(curves.length > 0 && { curves }),
  });
}
