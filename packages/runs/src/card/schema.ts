import type { JsonObject } from "@gradpool/core";
import { z } from "zod";

/** A metric on the test part; where it is a mean over users (or is drawn from them) with the 95 % t interval over users. */
export interface CardMetric {
  /** null: it has none, as `why` says. */
  readonly value: number | null;
  readonly why?: string | undefined;
  readonly lower?: number | undefined;
  readonly upper?: number | undefined;
  readonly users?: number | undefined;
}

/** By task (`mean of tasks` for a mean over them), by metric. */
export type CardMetrics = Readonly<Record<string, Readonly<Record<string, CardMetric>>>>;

/** What somebody must know who is handed a trained model: `card.json`. */
export interface ModelCard {
  readonly version: 1;
  readonly model: string;
  readonly pool: string;
  readonly tasks: readonly string[];
  readonly weights: { readonly of: "best" | "newest"; readonly epoch: number | null; readonly parameters: number };
  readonly data: {
    readonly hash: string;
    readonly users: number;
    readonly items: number;
    readonly target: string;
    readonly counts: JsonObject;
    readonly split: JsonObject | null;
    readonly sources: readonly JsonObject[];
    /** The features that rows are read with, where the data was told what they are: how values become numbers. */
    readonly features?: readonly JsonObject[] | undefined;
    /** Of the training rows without a positive label so many were kept. */
    readonly negatives?: JsonObject | undefined;
    /** By label the one that must be 1 for it to count. */
    readonly spaces?: JsonObject | undefined;
  };
  readonly metrics: CardMetrics;
  readonly configuration: JsonObject;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: readonly string[];
  /** Of a run that follows a folder: how many partitions it has met, and the last one, which the metrics are of. */
  readonly followed?: { readonly partitions: number; readonly last: string } | undefined;
}

const json = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;
const count = z.int().min(0);

const metric = z.strictObject({
  value: z.number().nullable(),
  why: z.string().optional(),
  lower: z.number().optional(),
  upper: z.number().optional(),
  users: count.optional(),
});

/** The form of `card.json`, for programs that read cards of anybody's. */
export const cardSchema: z.ZodType<ModelCard> = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  pool: z.string(),
  tasks: z.array(z.string()).min(1),
  weights: z.strictObject({ of: z.enum(["best", "newest"]), epoch: count.nullable(), parameters: count }),
  data: z.strictObject({
    hash: z.string(),
    users: count,
    items: count,
    target: z.string(),
    counts: json,
    split: json.nullable(),
    sources: z.array(json),
    features: z.array(json).optional(),
    negatives: json.optional(),
    spaces: json.optional(),
  }),
  metrics: z.record(z.string(), z.record(z.string(), metric)),
  configuration: json,
  environment: z.record(z.string(), z.string()),
  limits: z.array(z.string()),
  followed: z.strictObject({ partitions: count, last: z.string() }).optional(),
});
