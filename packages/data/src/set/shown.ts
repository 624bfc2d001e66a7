import type { PreparedSet } from "./prepared-set.js";

/** Which users (or items) a training pair of any behaviour, or a row shown in training, is of. */
export function shownOwners(
  { users, items, behaviors, impressions }: PreparedSet,
  side: "users" | "items",
): Uint8Array {
  const shown = new Uint8Array(side === "users" ? users : items);
  for (const { train } of Object.values(behaviors)) {
    if (side === "items") for (const item of train.items) shown[item] = 1;
    else for (let u = 0; u < users; u++) if (train.offsets[u] !== train.offsets[u + 1]) shown[u] = 1;
  }
  for (const owner of impressions?.train[side] ?? []) shown[owner] = 1;
  return shown;
}
