import { GradpoolError } from "./errors.js";
import type { JsonValue } from "./json.js";

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type Kind = keyof typeof arrays;

function kindOf(value: unknown): Kind | undefined {
  return (Object.keys(arrays) as Kind[]).find((kind) => value instanceof arrays[kind]);
}

const toBase64 = (bytes: Uint8Array): string => {
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return btoa(text);
};

/** A pool's state as JSON: typed arrays become `{ "$f64": base64 }`, bit for bit (little-endian). */
export function stateToJson(state: unknown): JsonValue {
  if (state === null || typeof state === "string" || typeof state === "boolean") return state;
  if (typeof state === "number")
    return Number.isFinite(state) && !Object.is(state, -0)
      ? state
      : { $number: Object.is(state, -0) ? "-0" : String(state) };
  if (Array.isArray(state)) return state.map(stateToJson);
  const kind = kindOf(state);
  if (kind !== undefined) {
    const array = state as Float64Array;
    return { [`$${kind}`]: toBase64(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) };
  }
  if (
    typeof state === "object" &&
    (Object.getPrototypeOf(state) === Object.prototype || Object.getPrototypeOf(state) === null)
  ) {
    return Object.fromEntries(Object.entries(state as object).map(([key, value]) => [key, stateToJson(value)]));
  }
  throw new GradpoolError({
    code: "invalid-input",
    what: `state holds a ${typeof state === "object" ? (state as object).constructor.name : typeof state}`,
    where: "stateToJson",
    remedy: "keep state to JSON values, Float32Array, Float64Array and Int32Array",
  });
}

/** The inverse of {@link stateToJson}. */
export function stateFromJson(json: JsonValue): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(stateFromJson);
  const entries = Object.entries(json);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only[0].startsWith("$") && typeof only[1] === "string") {
    if (only[0] === "$number") return Number(only[1]);
    const kind = only[0].slice(1) as Kind;
    if (kind in arrays) {
      const bytes = Uint8Array.from(atob(only[1]), (char) => char.charCodeAt(0));
      return new arrays[kind](bytes.buffer);
    }
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, stateFromJson(value as JsonValue)]));
}
