/** Plain data: what `JSON.stringify` writes and `JSON.parse` gives back. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
