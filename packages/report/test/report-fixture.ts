import type { Contender, DiagnosticPoint, Plan, SweepFiles, TrialRecord, TrialSpec } from "@gradpool/bench";
import { loadRecipe } from "@gradpool/bench";
import type { DataFacts } from "@gradpool/runs";
import { finalTrials, gridOf, tuningTrials } from "../../bench/src/search/trials.js";
import { planFor } from "../../bench/test/plan-for.js";
import { chooseOnValidation } from "../../bench/src/search/choose.js";
import { summarizeSweep } from "../../bench/src/statistics/summarize.js";

/** mulberry32: the same records every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface FixtureOptions {
  /** Label → seeds that failed. */
  readonly failed?: Readonly<Record<string, readonly number[]>>;
  /** Points of diagnostics per trial; 0: none were written. */
  readonly diagnostics?: number;
  readonly seeds?: number;
  /** A recipe's name, with the tasks that the data is said to offer. */
  readonly recipe?: string;
  readonly tasks?: readonly string[];
  readonly impressions?: boolean;
  readonly pools?: readonly string[];
  readonly grid?: Plan["grid"];
  readonly change?: (plan: Plan) => Plan;
  /** With the tasks learnt alone and what learns nothing that a recipe has. Default false: pools, and those of `single`. */
  readonly premises?: boolean;
}

/** Records as a sweep would leave them: made up, but of the real shape, with effects, noise, growth and conflicts. */
export function fixture(options: FixtureOptions = {}): SweepFiles {
  const { recipe = "demo", tasks = ["buy", "cart", "fav", "pv"], impressions = false } = options;
  const facts: DataFacts = {
    target: tasks[0] as string,
    tasks: {
      behaviors: impressions ? [] : tasks,
      itemPairs: [],
      impressions: impressions ? tasks : [],
    },
    offers: (task) => tasks.includes(task) || (impressions && task === "impressions"),
    values: "none",
  };
  const made = planFor(
    {
      recipe: loadRecipe(recipe),
      config: {},
      ...(options.seeds === undefined ? {} : { seeds: options.seeds }),
      ...(options.pools === undefined ? {} : { pools: options.pools }),
      ...(options.grid === undefined ? {} : { grid: options.grid }),
    },
    facts,
  );
  const kept = ({ label, role }: Contender): boolean =>
    options.premises === true || role === undefined || Object.values(made.single).includes(label);
  const shown = { ...made, contenders: made.contenders.filter(kept) };
  const plan = options.change?.(shown) ?? shown;
  const grids = new Map(plan.contenders.map((contender) => [contender.label, gridOf(plan, contender)]));
  const order = plan.contenders.map(({ label }) => label);
  const run = (spec: TrialSpec): TrialRecord => {
    const p = (grids.get(spec.label) ?? []).findIndex((point) => JSON.stringify(point) === JSON.stringify(spec.point));
    const { role } = plan.contenders[order.indexOf(spec.label)] as Contender;
    const record = trial(spec, order.indexOf(spec.label), p, options);
    return role === "reference" ? untrained(record) : record;
  };
  const tuned = tuningTrials(plan, "fixture").map(run);
  const compared = finalTrials(plan, chooseOnValidation(plan, tuned).chosen, "fixture").map(run);
  const keyed = [...tuned, ...compared].map((record) => [`${record.label} ${record.id}`, record] as const);
  const records = [...new Map(keyed).values()];
  return { plan, summary: summarizeSweep(plan, records), records };
}

/** The record of what learns nothing: half as good, and judged once. */
function untrained({ result, cost, ...record }: TrialRecord): TrialRecord {
  if (result === undefined || cost === undefined) return record;
  const half = (metrics: Metrics | null): Metrics =>
    Object.fromEntries(Object.entries(metrics ?? {}).map(([name, value]) => [name, (value ?? 0) / 2]));
  const best = half(result.best);
  const history = [{ epoch: 0, step: 0, losses: [], metrics: best }];
  return {
    ...record,
    result: { ...result, best, bestEpoch: 0, test: half(result.test), history, steps: 0, samples: 0 },
    cost: { ...cost, trainingSeconds: 0, samplesPerSecond: 0, secondsPerEpoch: 0 },
    diagnostics: [],
  };
}

type Metrics = Readonly<Record<string, number | null>>;

function trial(spec: TrialSpec, k: number, p: number, options: FixtureOptions): TrialRecord {
  const { config, label } = spec;
  const { seed } = config;
  if (options.failed?.[label]?.includes(seed)) {
    return {
      ...spec,
      status: "failed",
      error: `gradient of task ${config.tasks.at(-1)} is NaN (step 412): lower --lr`,
      environment: {},
    };
  }
  const random = generator(1 + k * 1000 + p * 100);
  const own = generator(7 + k * 1000 + p * 100 + seed);
  const quality = 1 + 0.12 * (random() - 0.45) - 0.02 * Math.abs((p % 5) - 1);
  const epochs = Math.min(config.epochs, 12 + Math.floor(own() * 8));
  const names = metricNames(config.metrics, config.tasks);
  const at = (name: string, epoch: number, seed: number): number => {
    const base = baseOf(name);
    const lower = /^(ne|logloss)/.test(name);
    const grown = (1 - Math.exp(-epoch / 4)) * (1 - 0.002 * Math.max(0, epoch - 11) ** 1.4);
    const value = base * (lower ? 2 - grown * (0.94 + 0.06 * quality) : grown * quality);
    return value * (1 + 0.008 * Math.sin(seed * 3 + names.indexOf(name)) + 0.004 * (own() - 0.5));
  };
  const history = Array.from({ length: epochs }, (_, e) => ({
    epoch: e + 1,
    step: (e + 1) * 120,
    losses: config.tasks.map((_task, t) => 0.69 * Math.exp(-(e + 1) / (9 + 5 * t + 2 * k)) + 0.12 + 0.01 * own()),
    metrics: Object.fromEntries(names.map((name) => [name, at(name, e + 1, seed)])),
  }));
  const best = Math.min(epochs, 10 + Math.floor(own() * 3));
  const speed = 240000 / (1 + 0.09 * k + 0.02 * own());
  return {
    ...spec,
    status: "ok",
    result: {
      best: history[best - 1]?.metrics ?? null,
      bestEpoch: best,
      test: Object.fromEntries(names.map((name) => [name, at(name, best, seed) * 0.97])),
      history,
      steps: epochs * 120,
      samples: epochs * 120 * 2048,
      skipped: 0,
      stopped: "patience",
    },
    cost: {
      trainingSeconds: (epochs * 120 * 2048) / speed,
      samplesPerSecond: speed,
      secondsPerEpoch: (120 * 2048) / speed,
      wallSeconds: (epochs * 120 * 2048) / speed + 6,
      peakRssMb: 310 + 12 * k + 3 * own(),
    },
    diagnostics: diagnosticsOf(config.tasks.length, epochs, options.diagnostics ?? 240, k, own),
    environment: {
      gradpool: "0.1.0",
      node: "20.20.2",
      engine: "host, wasm",
      platform: "linux x64",
      processor: "2 × Example CPU",
      memory: "24 GiB",
    },
  };
}

const metricNames = (metrics: readonly string[], tasks: readonly string[]): readonly string[] =>
  /^(auc|gauc|ne|logloss)/.test(metrics[0] ?? "")
    ? metrics.flatMap((metric) => [metric, ...tasks.map((task) => `${metric}/${task}`)])
    : metrics;

const baseOf = (name: string): number =>
  name.startsWith("auc")
    ? 0.74
    : name.startsWith("gauc")
      ? 0.68
      : name.startsWith("ne")
        ? 0.82
        : name.startsWith("logloss")
          ? 0.21
          : name.startsWith("ndcg")
            ? 0.048
            : name.startsWith("recall")
              ? 0.083
              : 0.016;

function diagnosticsOf(T: number, epochs: number, points: number, k: number, random: () => number): DiagnosticPoint[] {
  const steps = epochs * 120;
  return Array.from({ length: points }, (_, p) => {
    const step = Math.round(((p + 1) * steps) / points);
    const fade = Math.exp(-step / 900);
    const norms = Array.from({ length: T }, (_n, t) => (0.2 + 0.9 * fade) * (1 + t * 1.4) * (0.85 + 0.3 * random()));
    const raw = norms.map((norm, t) => (k === 0 ? 1 : (1 / norm) * (0.9 + 0.2 * random()) + 0.02 * t));
    const sum = raw.reduce((a, b) => a + b, 0);
    const cosines = Array.from({ length: T * T }, (_c, c) => {
      const [i, j] = [Math.floor(c / T), c % T];
      return i === j ? 1 : 0.5 * Math.cos(i + j + k * 0.3) - 0.1 + 0.1 * (random() - 0.5);
    });
    return {
      step,
      epoch: Math.ceil(step / 120),
      norms,
      weights: raw.map((weight) => (T * weight) / sum),
      conflictRate: Math.min(1, Math.max(0, 0.45 - 0.2 * fade + 0.2 * (random() - 0.5))),
      cosines,
    };
  });
}
