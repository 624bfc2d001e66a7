import { given } from "@gradpool/core";
import type { Behavior, Feature, Impressions, Interactions, PreparedSet } from "@gradpool/data";

/** So many impressions show a model what its rows look like. */
const shownRows = 2;

/** The set as far as a trained model needs it: without times, and of the impressions only what shows their form. */
export function reduceSet(set: PreparedSet): PreparedSet {
  const { behaviors, impressions } = set;
  return {
    ...set,
    behaviors: Object.fromEntries(Object.entries(behaviors).map(([name, behavior]) => [name, timeless(behavior)])),
    ...given({
      impressions: impressions && {
        tasks: impressions.tasks,
        ...given({ anonymous: impressions.anonymous }),
        train: firstRows(impressions.train, shownRows),
        valid: firstRows(impressions.valid, 0),
        test: firstRows(impressions.test, 0),
      },
    }),
  };
}

function timeless({ name, train, valid, test }: Behavior): Behavior {
  const without = ({ offsets, items, values }: Interactions): Interactions => ({
    offsets,
    items,
    ...given({ values }),
  });
  return { name, train: without(train), valid: without(valid), test: without(test) };
}

function firstRows(rows: Impressions, count: number): Impressions {
  const size = Math.min(rows.size, count);
  const cut = (feature: Feature): Feature => {
    if (feature.kind === "numerical") return { ...feature, values: feature.values.slice(0, size) };
    if (feature.kind === "one-hot") return { ...feature, ids: feature.ids.slice(0, size) };
    const offsets = feature.offsets.slice(0, size + 1);
    return { ...feature, offsets, ids: feature.ids.slice(0, offsets[size]) };
  };
  return {
    size,
    users: rows.users.slice(0, size),
    items: rows.items.slice(0, size),
    labels: rows.labels.map((column) => column.slice(0, size)),
    features: rows.features.map(cut),
  };
}
