import type { JsonObject, JsonValue } from "@gradpool/core";
import type { Snapshot, StoredArray } from "@gradpool/trainer";

/** Stands in JSON for the array of this name. */
interface Reference {
  readonly $array: string;
}

const isReference = (value: JsonValue): value is JsonValue & Reference =>
  typeof value === "object" && value !== null && "$array" in value;

/** Plain data with typed arrays in it, as JSON and named arrays. What is undefined is left out. */
export function pack(value: object): Snapshot {
  const arrays = new Map<string, StoredArray>();
  const walk = (part: unknown, path: string): JsonValue => {
    if (ArrayBuffer.isView(part)) {
      arrays.set(path, part as StoredArray);
      return { $array: path };
    }
    if (Array.isArray(part)) return part.map((entry, k) => walk(entry, `${path}/${k}`));
    if (typeof part !== "object" || part === null) return part as JsonValue;
    const entries = Object.entries(part).filter(([, entry]) => entry !== undefined);
    return Object.fromEntries(entries.map(([key, entry]) => [key, walk(entry, `${path}/${key}`)]));
  };
  const json = walk(value, "") as JsonObject;
  return { json, arrays };
}

/** The value that `pack` was given. */
export function unpack({ json, arrays }: Snapshot): unknown {
  const walk = (part: JsonValue): unknown => {
    if (Array.isArray(part)) return part.map((entry: JsonValue) => walk(entry));
    if (typeof part !== "object" || part === null) return part;
    if (isReference(part)) return arrays.get(part.$array);
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, walk(entry as JsonValue)]));
  };
  return walk(json);
}
