import { createRandom, type Random } from "@gradpool/core";
import type { MetricRows } from "./types.js";

/** Rows of 1 to 6 users, 2 to 12 items each; scores of few values (ties) or all different. */
export function randomRows(seed: number, ties: boolean): MetricRows {
  const random = createRandom(seed, 31);
  const rows: { user: number; item: number }[] = [];
  for (let user = 0, users = 1 + random.int(6); user < users; user++) {
    const items = random.shuffle(Int32Array.from({ length: 20 }, (_, k) => k));
    for (const item of items.subarray(0, 2 + random.int(11))) rows.push({ user, item });
  }
  const places = random.shuffle(Int32Array.from({ length: rows.length }, (_, k) => k));
  return {
    users: Int32Array.from(rows, ({ user }) => user),
    items: Int32Array.from(rows, ({ item }) => item),
    scores: Float64Array.from(rows, (_, k) =>
      ties ? random.int(4) / 4 + 0.1 : ((places[k] as number) + 0.5) / rows.length,
    ),
    labels: Float64Array.from(rows, () => random.int(2)),
  };
}

/** The same rows in another order. */
export function reordered(rows: MetricRows, random: Random): MetricRows {
  const order = random.shuffle(Int32Array.from(rows.scores, (_, k) => k));
  const pick = <A extends Int32Array | Float64Array>(values: A): A =>
    values.map((_, k) => values[order[k] as number] as number) as A;
  return { users: pick(rows.users), items: pick(rows.items), scores: pick(rows.scores), labels: pick(rows.labels) };
}

/** The same rows under other numbers of users and items. */
export function renumbered(rows: MetricRows, random: Random): MetricRows {
  const [users, items] = [6, 20].map((length) => random.shuffle(Int32Array.from({ length }, (_, k) => k)));
  return {
    ...rows,
    users: rows.users.map((user) => users?.[user] as number),
    items: rows.items.map((item) => items?.[item] as number),
  };
}
