import { didYouMean } from "@gradpool/registry";
import type { Id, Side } from "./contract.js";
import { problem } from "./errors.js";

/** The ids of one side, both ways. */
export interface IdTable {
  readonly all: readonly string[];
  /** The dense id; −1 for one that is not there. */
  find(id: Id): number;
  /** Error `not-found` for one that is not there. */
  need(id: Id): number;
}

export function idTable(names: readonly string[] | null, count: number, side: Side, folder: string): IdTable {
  const all = names ?? Array.from({ length: count }, (_, k) => String(k));
  let places: Map<string, number> | undefined;
  const find = (id: Id): number => {
    places ??= new Map(all.map((name, k) => [name, k]));
    return places.get(String(id)) ?? -1;
  };
  return {
    all,
    find,
    need(id) {
      const place = find(id);
      if (place >= 0) return place;
      const some = all.slice(0, 3).join(", ");
      const remedy = didYouMean(String(id), all.slice(0, 2000), `give ids of its data, such as ${some}`);
      throw problem("not-found", `${side.slice(0, -1)} ${id} is not in the run's data`, folder, remedy);
    },
  };
}
