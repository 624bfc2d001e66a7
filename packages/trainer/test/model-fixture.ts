import { readFileSync } from "node:fs";
import type { ImpressionsBatch } from "@gradpool/data";
import {
  aitm,
  cgc,
  clickModel,
  esmm,
  type FieldOptions,
  mmoe,
  ple,
  pleDeepfm,
  stem,
  type TensorModel,
} from "@gradpool/models";

/** Numbers of a parameter or tensor. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Named = Readonly<Record<string, Values>>;

interface Config {
  readonly vocab: readonly number[];
  readonly dim: number;
  readonly tasks: number;
  readonly [option: string]: unknown;
}

interface Trained {
  readonly lr: number;
  readonly order: readonly number[];
  readonly total: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** A model's reference numbers in float64: per batch, per term of the objective. Names are the reference's. */
export interface Fixture {
  readonly model: string;
  readonly config: Config;
  readonly parameters: Named;
  readonly batches: readonly {
    readonly x: readonly (readonly number[])[];
    readonly y: readonly (readonly number[])[];
  }[];
  readonly forward: readonly Named[];
  readonly losses: readonly Readonly<Record<string, number>>[];
  /** Flat, in the parameters' shapes. */
  readonly gradients: readonly Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>[];
  readonly representationGradients: readonly Readonly<Record<string, Named>>[];
  readonly sgd: Trained;
  readonly adam: Trained;
}

export const readFixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`./fixtures/models/${name}.json`, import.meta.url), "utf8")) as Fixture;

/** The tasks as the fixture calls them. */
export function tasksOf({ model, config }: Fixture): string[] {
  return model === "esmm" ? ["ctr", "ctcvr"] : Array.from({ length: config.tasks }, (_, t) => `task${t}`);
}

/** Our model of a fixture's configuration. `calibrator` 0: without AITM's. */
export function modelOf(fixture: Fixture, { calibrator }: { readonly calibrator?: 0 } = {}): TensorModel {
  const { config, model } = fixture;
  const tasks = tasksOf(fixture);
  const list = (name: string): number[] => config[name] as number[];
  const number = (name: string): number => config[name] as number;
  const fields: FieldOptions = {
    fields: config.vocab.map((vocabulary, f) => ({ name: `f${f}`, vocabulary })),
    dim: config.dim,
    tables: "joint",
  };
  const base = { ...fields, tasks, head: list("tower") };
  const experts = { ...base, expert: list("expert"), gate: list("gate") };
  const split = { ...experts, own: number("specificExperts"), shared: number("sharedExperts") };
  switch (model) {
    case "shared-bottom":
      return clickModel({ ...base, interaction: "none", trunk: list("bottom") });
    case "mmoe":
      return mmoe({ ...experts, experts: number("experts") });
    case "cgc":
      return cgc(split);
    case "ple":
      return ple({ ...split, levels: number("levels") });
    case "ple-deepfm":
      return pleDeepfm({ ...split, dropout: 0 });
    case "stem":
      return stem({ ...split, layers: number("layers") });
    case "esmm":
      return esmm(base);
    case "aitm":
      return aitm({
        ...base,
        bottom: list("bottom"),
        attention: config["attentionShared"] === true ? "shared" : "per-step",
        calibrator: calibrator ?? number("calibratorWeight"),
      });
    default:
      throw new Error(`no model ${model}`);
  }
}

/** Our name of a fixture's parameter. */
export function nameOf({ model, config }: Fixture, name: string): string {
  const depth = (list: string): number => ((config[list] as readonly unknown[] | undefined) ?? []).length;
  const last = (of: string): string => name.replace(/\bout\b/, String(depth(of)));
  const ending = (text: string): string => text.replace(/\.w$/, ".weight").replace(/\.b$/, ".bias");
  if (name === "embedding" || name === "embeddingShared") return "fields";
  const [, table] = /^embedding(\d+)$/.exec(name) ?? [];
  if (table !== undefined) return `task.task${table}.fields`;
  if (model === "esmm") return ending(last("tower"));
  if (name.startsWith("tower")) return ending(last("tower")).replace(/^tower(\d+)/, "head.task$1");
  if (name.startsWith("bottom.")) return ending(name).replace(/^bottom/, "trunk");
  if (name.startsWith("bottom")) return ending(name).replace(/^bottom(\d+)/, "bottom.task$1");
  if (name.startsWith("info")) {
    return ending(name).replace(/^info(\d+)/, (_, s: string) => `transfer.task${Number(s) + 1}.0`);
  }
  const part = { q: "query", k: "key", v: "value" } as const;
  const [, step, letter] = /^attention(\d*)\.([qkv])\.w$/.exec(name) ?? [];
  if (letter !== undefined) {
    const own = step === "" ? "attention" : `attention.task${Number(step) + 1}`;
    return `${own}.${part[letter as keyof typeof part]}`;
  }
  return ending(last("gate"))
    .replace(/^gate(\d+)/, "gate.task$1")
    .replace(/^(level|layer)(\d+)\.task(\d+)/, "level.$2.task.task$3")
    .replace(/^(level|layer)(\d+)/, "level.$2")
    .replace(/expert(\d+)/, "expert.$1");
}

/** A fixture's numbers in our order: it stores linear maps outputs × inputs. */
export function ours(name: string, { shape, data }: Values): Float64Array {
  if (!name.endsWith(".w")) return Float64Array.from(data);
  const [outputs, inputs] = shape as [number, number];
  return Float64Array.from({ length: data.length }, (_, k) => {
    const [i, o] = [Math.floor(k / outputs), k % outputs];
    return data[o * inputs + i] as number;
  });
}

export function batchOf(fixture: Fixture, k: number): ImpressionsBatch {
  const { config, batches, model } = fixture;
  const { x, y } = batches[k] as Fixture["batches"][number];
  const tasks = tasksOf(fixture);
  const label = (row: readonly number[], t: number): number =>
    model === "esmm" && t === 1 ? (row[0] as number) * (row[1] as number) : (row[t] as number);
  return {
    kind: "impressions",
    size: x.length,
    tasks,
    users: new Int32Array(x.length),
    fields: config.vocab.map((vocabulary, f) => ({
      kind: "one-hot" as const,
      name: `f${f}`,
      vocabulary,
      ids: Int32Array.from(x, (row) => row[f] as number),
    })),
    numericalNames: [],
    numerical: new Float32Array(0),
    labels: tasks.map((_, t) => Float32Array.from(y, (row) => label(row, t))),
    masks: tasks.map(() => new Uint8Array(x.length).fill(1)),
  };
}
