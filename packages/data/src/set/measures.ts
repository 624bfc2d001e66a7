import { given } from "@gradpool/core";
import type { Encoding } from "./encoding.js";
import { type Measure, measured } from "./measure.js";
import type { Feature, Impressions, PreparedSet } from "./prepared-set.js";
import { shownOwners } from "./shown.js";
import { createMoments } from "./values.js";

/** Which of a row's three ids a feature belongs to. */
export type Owner = "user" | "item" | "row";

const ownerIds = (rows: Impressions, owner: Owner): Int32Array | undefined =>
  owner === "user" ? rows.users : owner === "item" ? rows.items : undefined;

/** A measure in the making: it is shown the values of all training rows, one by one; NaN is left out. */
export interface Measuring {
  add(value: number): void;
  measure(): Measure;
}

export function measuring(encoding: Encoding | undefined): Measuring {
  const { scale: how = "standard", flag } = encoding?.kind === "number" ? encoding : {};
  const told = given({ flag });
  if (how === "none") return { add: () => undefined, measure: () => ({ mean: 0, scale: 1, ...told }) };
  const log = how === "log" ? ({ log: true } as const) : {};
  const collected = createMoments();
  let [least, most] = [Infinity, -Infinity];
  return {
    add(value) {
      if (Number.isNaN(value)) return;
      least = Math.min(least, value);
      most = Math.max(most, value);
      collected.add(how === "log" ? measured({ mean: 0, scale: 1, log: true }, value) : value);
    },
    measure() {
      if (how === "min-max")
        return { mean: least <= most ? least : 0, scale: most > least ? 1 / (most - least) : 1, ...told };
      const { mean, deviation } = collected.moments();
      return { mean, scale: deviation > 0 ? 1 / deviation : 1, ...log, ...told };
    },
  };
}

type Numbers = Extract<Feature, { kind: "numerical" }>;

/** Shows the values of rows, as their owners have them. */
export function addRows(into: Measuring, { values }: Numbers, rows: Impressions, owner: Owner): void {
  const ids = ownerIds(rows, owner);
  for (let row = 0; row < rows.size; row++) into.add(values[ids ? (ids[row] as number) : row] as number);
}

/** Over the rows of `train`. */
export function measureOf(feature: Numbers, train: Impressions, owner: Owner): Measure {
  const into = measuring(feature.encoding);
  addRows(into, feature, train, owner);
  return into.measure();
}

/** The numerical features that impressions are read with. */
export function numbersOf({
  impressions,
  userFeatures,
  itemFeatures,
}: Pick<PreparedSet, "impressions" | "userFeatures" | "itemFeatures">): readonly {
  readonly feature: Numbers;
  readonly owner: Owner;
  readonly index: number;
}[] {
  const lists = [
    [userFeatures, "user"],
    [itemFeatures, "item"],
    [impressions?.train.features ?? [], "row"],
  ] as const;
  return lists.flatMap(([features, owner]) =>
    features.flatMap((feature, index) => (feature.kind === "numerical" ? [{ feature, owner, index }] : [])),
  );
}

/** Over owners that training shows, each once. */
function measureOfShown(feature: Numbers, shown: Uint8Array): Measure {
  const into = measuring(feature.encoding);
  for (const [owner, is] of shown.entries()) if (is === 1) into.add(feature.values[owner] as number);
  return into.measure();
}

/**
 * Of every numerical feature, by name: what a model learnt with, for rows that come later. Over the training rows of impressions; of a set
 * without them over the users, or items, that a training pair is of.
 */
export function measuresOf(set: PreparedSet): Record<string, Measure> {
  const { impressions } = set;
  if (impressions === undefined) {
    const of = (features: readonly Feature[], side: "users" | "items") =>
      features.flatMap((feature) =>
        feature.kind === "numerical" ? [[feature.name, measureOfShown(feature, shownOwners(set, side))] as const] : [],
      );
    return Object.fromEntries([...of(set.userFeatures, "users"), ...of(set.itemFeatures, "items")]);
  }
  const entries = numbersOf(set).map(({ feature, owner }) => {
    const known = impressions.streamed?.measures[feature.name];
    return [feature.name, known ?? measureOf(feature, impressions.train, owner)] as const;
  });
  return Object.fromEntries(entries);
}
