import { encoderOf, type Feature } from "@gradpool/data";
import type { Opened } from "./opened.js";

/** A row as the source files write it, with where to note what of it is unknown. */
export interface WrittenRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly unknown: readonly string[] | undefined;
}

/** A feature's values of rows, read as those of the training rows were. */
export function readFeature(
  { data }: Pick<Opened, "data">,
  entity: "user" | "item" | "impression",
  feature: Feature,
  rows: readonly WrittenRow[],
): Feature {
  const { name, kind } = feature;
  const vocabulary = feature.kind === "numerical" ? 0 : feature.vocabulary;
  const encode = encoderOf(feature, valuesOf(data.vocabularies[entity][name], vocabulary));
  const found = rows.map(({ row, unknown }) => {
    const one = encode(row);
    if (!one.known) (unknown as string[] | undefined)?.push(name);
    return one;
  });
  if (feature.kind === "numerical") return { ...feature, values: Float32Array.from(found, ({ number }) => number) };
  if (feature.kind === "one-hot") return { ...feature, ids: Int32Array.from(found, ({ ids: [id = 0] }) => id) };
  const offsets = new Int32Array(rows.length + 1);
  found.forEach(({ ids }, k) => (offsets[k + 1] = (offsets[k] as number) + ids.length));
  return { ...feature, kind: kind as "multi-hot", offsets, ids: Int32Array.from(found.flatMap(({ ids }) => ids)) };
}

const maps = new WeakMap<readonly unknown[], Map<string, number>>();

/** The number of a value; 0, "missing", for one that was never seen. Without names the numbers are the values. */
function valuesOf(names: readonly (string | undefined)[] | undefined, vocabulary: number): (value: string) => number {
  if (names === undefined) {
    return (value) => (/^\d+$/.test(value) && Number(value) < vocabulary ? Number(value) : 0);
  }
  let map = maps.get(names);
  if (map === undefined) {
    map = new Map(names.flatMap((name, id) => (name === undefined || name === null ? [] : [[name, id] as const])));
    maps.set(names, map);
  }
  return (value) => map.get(value) ?? 0;
}
