import { GradpoolError } from "@gradpool/core";
import { z } from "zod";
import type { Plan, Summary, TrialRecord } from "./types.js";

/**
 * What a sweep's files hold, checked before anything is drawn from them: they may come from anywhere. Numbers are finite, text
 * is text of any kind; of a configuration, what the report reads. What else is there is nobody's to read.
 */
const numbers = z.array(z.number().nullable());
const names = z.array(z.string());
const point = z.record(z.string(), z.union([z.string(), z.number()]));
const metrics = z.record(z.string(), z.number().nullable());
const part = z.enum(["valid", "test"]);
const whole = z.int().min(0);

const config = z.looseObject({
  data: z.string(),
  model: z.string(),
  pool: z.string(),
  tasks: names,
  metrics: names.min(1),
  epochs: whole,
  batch: whole,
  optimizer: z.string(),
  lr: z.number(),
  weightDecay: z.number(),
  rows: z.string(),
  missing: z.string(),
  seed: z.int(),
});

const overrides = config.partial();

const dimension = z.union([
  z.array(z.union([z.string(), z.number()])),
  z.object({ low: z.number(), high: z.number(), log: z.boolean(), integer: z.boolean() }),
]);

const search = z.object({
  strategy: z.enum(["random", "halving"]),
  trials: whole,
  seed: z.int(),
  space: z.record(z.string(), dimension),
});

const plan = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  base: config,
  contenders: z
    .array(
      z.object({
        label: z.string(),
        pool: z.string(),
        overrides: overrides.optional(),
        grid: z.record(z.string(), z.array(z.union([z.string(), z.number()]))).optional(),
        group: z.string().optional(),
        role: z.enum(["alone", "reference"]).optional(),
        baseline: z.string().optional(),
      }),
    )
    .min(1),
  grid: z.record(z.string(), z.array(z.union([z.string(), z.number()]))),
  search: search.optional(),
  seeds: z.array(z.int()).min(1),
  tuningSeeds: z.array(z.int()),
  baseline: z.string(),
  published: z.array(
    z.object({
      source: z.string(),
      setting: z.string(),
      rows: z.record(z.string(), z.record(z.string(), z.number())),
    }),
  ),
  single: z.record(z.string(), z.string()),
  budget: z.object({ name: z.string(), differences: names }).optional(),
});

const metric = z.object({
  tasks: names,
  mean: z.number(),
  sd: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  values: numbers,
});

const comparison = z.object({
  difference: z.number().nullable(),
  relative: z.number().nullable(),
  p: z.number().nullable(),
  pHolm: z.number().nullable(),
  verdict: z.enum(["better", "worse", "no difference shown", "baseline", "not testable", "not comparable"]),
});

const missing = z.object({
  metric: z.string(),
  task: z.string().optional(),
  part: z.string().optional(),
  reason: z.string(),
});

const premise = z.object({
  of: z.string(),
  value: z.number(),
  against: names,
  other: z.number(),
  relative: z.number().nullable(),
  p: z.number().nullable(),
  pHolm: z.number().nullable(),
  verdict: z.enum(["better", "worse", "no difference shown", "not testable"]),
});

const summary = z.object({
  version: z.literal(1),
  plan,
  metrics: names,
  contenders: z.array(
    z.object({
      label: z.string(),
      name: z.string(),
      pool: z.string(),
      group: z.string().nullable(),
      point,
      seeds: whole,
      failed: whole,
      test: z.record(z.string(), metric),
      valid: z.record(z.string(), metric),
      versusBaseline: z.record(z.string(), comparison),
      relativeImprovement: z.record(z.string(), z.number()),
      rank: z.number().nullable(),
      bestEpochs: z.array(whole.nullable()),
    }),
  ),
  grid: z.array(
    z.object({
      label: z.string(),
      point,
      metric: z.string(),
      mean: z.number().nullable(),
      values: numbers,
      epochs: whole.optional(),
      chosen: z.boolean(),
    }),
  ),
  search: z
    .array(
      z.object({
        label: z.string(),
        name: z.string(),
        strategy: z.enum(["grid", "random", "halving"]),
        points: whole,
        epochs: whole,
        epochsTaken: whole,
        metric: z.string(),
        best: z.number().nullable(),
        places: z.array(
          z.object({
            name: z.string(),
            value: z.union([z.string(), z.number()]),
            among: z.string(),
            position: z.number().nullable(),
            atEdge: z.boolean(),
          }),
        ),
      }),
    )
    .optional(),
  undefined: z.array(missing.extend({ label: z.string(), part, seeds: z.array(z.int()) })),
  failures: z.array(z.object({ label: z.string(), point, seed: z.int(), error: z.string() })),
  notes: names,
  premises: z
    .object({ metric: z.string(), several: premise.nullable(), references: z.array(premise), sentences: names })
    .optional(),
});

const record = z.object({
  id: z.string(),
  label: z.string(),
  point,
  config,
  status: z.enum(["ok", "failed"]),
  error: z.string().optional(),
  result: z
    .object({
      best: metrics.nullable(),
      bestEpoch: whole.nullable(),
      test: metrics.nullable(),
      undefined: z.array(missing).optional(),
      history: z.array(
        z.object({ epoch: whole, step: whole, losses: numbers, metrics, undefined: z.array(missing).optional() }),
      ),
      steps: whole,
      samples: whole,
      skipped: whole,
      stopped: z.enum(["epochs", "patience", "interrupted"]),
    })
    .optional(),
  cost: z
    .object({
      trainingSeconds: z.number(),
      samplesPerSecond: z.number(),
      secondsPerEpoch: z.number(),
      wallSeconds: z.number(),
      peakRssMb: z.number(),
    })
    .optional(),
  diagnostics: z
    .array(
      z.object({
        step: whole,
        epoch: whole,
        norms: numbers,
        weights: numbers,
        conflictRate: z.number().nullable(),
        cosines: numbers,
        gates: z.array(z.object({ reader: z.string(), weights: z.record(z.string(), z.number()) })).optional(),
      }),
    )
    .optional(),
  environment: z.record(z.string(), z.string()),
});

/** `summary.json`, checked. Error `damaged`: names the field. */
export const checkSummary = (given: unknown, where: string): Summary => checked<Summary>(summary, given, where);

/** `plan.json`, checked. */
export const checkPlan = (given: unknown, where: string): Plan => checked<Plan>(plan, given, where);

/** One line of `results.jsonl`, checked. */
export const checkRecord = (given: unknown, where: string): TrialRecord => checked<TrialRecord>(record, given, where);

function checked<T>(schema: z.ZodType, given: unknown, where: string): T {
  const answer = schema.safeParse(given);
  // As it stands in the file: the schema would put its fields into an order of its own.
  if (answer.success) return given as T;
  const [issue] = answer.error.issues;
  const path = (issue?.path ?? []).map(String).join(".") || "the whole";
  throw new GradpoolError({
    code: "damaged",
    what: `${path} is not what a bench writes: ${issue?.message ?? "unknown"}`,
    where,
    remedy: "run the bench again in its folder: finished trials are not repeated",
    cause: answer.error,
  });
}
