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
    const entries = Object.entries(state as object);
    const reserved = entries.length === 1 && /^\$(number|f32|f64|i32)$/.test(entries[0]?.[0] ?? "");
    if (!reserved) return Object.fromEntries(entries.map(([key, value]) => [key, stateToJson(value)]));
  }
  throw new GradpoolError({
    code: "invalid-input",
    what: `state holds ${describe(state)}`,
    where: "stateToJson",
    remedy: "keep state to JSON values, Float32Array, Float64Array and Int32Array",
  });
}

const describe = (state: unknown): string => {
  if (typeof state !== "object" || state === null) return `a value of type ${typeof state}`;
  return Object.getPrototypeOf(state) === Object.prototype
    ? `an object with the one key ${Object.keys(state).join()}`
    : `a ${state.constructor.name}`;
};

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
      const text = atob(only[1]);
      const bytes = new Uint8Array(text.length);
      for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
      return new arrays[kind](bytes.buffer);
    }
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, stateFromJson(value as JsonValue)]));
}
