import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { inputNames, type Measure } from "../set/measure.js";
import { measureOf, type Owner } from "../set/measures.js";
import { longestBag, type Feature, type Impressions, type PreparedSet } from "../set/prepared-set.js";

/** Where a field's or a number's values stand: a row's own id, or a feature of the row, its user or its item. */
export type ValueSource =
  | { readonly of: "id"; readonly owner: "user" | "item" }
  | { readonly of: "feature"; readonly owner: Owner; readonly index: number };

export interface FieldPlan {
  readonly kind: "one-hot" | "multi-hot";
  readonly name: string;
  readonly vocabulary: number;
  readonly pooling?: "sum" | "mean";
  /** Of several values a row: the most that one has. */
  readonly longest: number;
  readonly source: ValueSource;
}

export interface NumberPlan {
  readonly measure: Measure;
  readonly source: ValueSource;
}

/** What batches of impressions are made of, as plain data: a thread of its own can be told. */
export interface BatchPlan {
  readonly tasks: readonly string[];
  /** Their places among the labels of the rows. */
  readonly labels: readonly number[];
  readonly fields: readonly FieldPlan[];
  readonly numbers: readonly NumberPlan[];
  readonly numericalNames: readonly string[];
  readonly weighted: boolean;
}

export interface PlanOptions {
  readonly part?: "train" | "valid" | "test";
  readonly tasks?: readonly string[];
  readonly features?: readonly string[];
  readonly measures?: Readonly<Record<string, Measure>>;
}

interface Owned {
  readonly feature: Feature;
  readonly owner: Owner;
  readonly index: number;
}

function chosenFeatures(set: PreparedSet, rows: Impressions, wanted: readonly string[] | undefined): readonly Owned[] {
  const lists = [
    [set.userFeatures, "user"],
    [set.itemFeatures, "item"],
    [rows.features, "row"],
  ] as const;
  const features = lists.flatMap(([list, owner]) => list.map((feature, index) => ({ feature, owner, index })));
  const known = features.map(({ feature }) => feature.name);
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw problem("invalid-option", `there is no feature "${unknown}"`, "features", `give some of ${known.join(", ")}`);
  }
  return features.filter(({ feature }) => wanted?.includes(feature.name) ?? true);
}

function idField(owner: "user" | "item", vocabulary: number): FieldPlan {
  return { kind: "one-hot", name: owner, vocabulary, longest: 1, source: { of: "id", owner } };
}

/** What batches of a part are made of. Errors: `invalid-input` without impressions, `invalid-option` for unknown tasks or features. */
export function planOf(set: PreparedSet, options: PlanOptions): BatchPlan {
  const { part = "train" } = options;
  const shown = set.impressions;
  if (!shown) {
    const remedy = "prepare it with labels, or from wechat";
    throw problem("invalid-input", "the set holds no impressions", `impressions of ${part}`, remedy);
  }
  const rows = shown[part];
  const tasks = options.tasks ?? shown.tasks;
  const labels = tasks.map((task) => {
    const place = shown.tasks.indexOf(task);
    if (place >= 0) return place;
    throw problem("invalid-option", `there is no task "${task}"`, "tasks", `give some of ${shown.tasks.join(", ")}`);
  });
  const fields: FieldPlan[] = [];
  if (!shown.anonymous?.includes("user")) fields.push(idField("user", set.users));
  if (!shown.anonymous?.includes("item")) fields.push(idField("item", set.items));
  const numbers: NumberPlan[] = [];
  const numericalNames: string[] = [];
  for (const { feature, owner, index } of chosenFeatures(set, rows, options.features)) {
    const source = { of: "feature", owner, index } as const;
    const { name, kind, encoding } = feature;
    if (kind === "numerical") {
      const trained = owner === "row" ? (shown.train.features[index] as typeof feature) : feature;
      const known = options.measures?.[name] ?? shown.streamed?.measures[name];
      const measure = known ?? measureOf(trained, shown.train, owner);
      numbers.push({ measure, source });
      numericalNames.push(...inputNames(name, measure));
      continue;
    }
    const { vocabulary } = feature;
    const pooling = kind === "multi-hot" && encoding?.kind === "list" ? encoding.pooling : undefined;
    const streamed = owner === "row" ? shown.streamed?.longest[name] : undefined;
    const longest = kind === "one-hot" ? 1 : (streamed ?? longestBag(feature));
    fields.push({ kind, name, vocabulary, longest, source, ...given({ pooling }) });
  }
  return { tasks, labels, fields, numbers, numericalNames, weighted: rows.weights !== undefined };
}
