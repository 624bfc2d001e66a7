import { createHash } from "node:crypto";

/** Of everything else in a document, as JSON without spaces. */
const digestOf = (content: object): string => createHash("sha256").update(JSON.stringify(content)).digest("hex");

/** A document for a JSON file, with a digest of itself as its last field, `sha256`. */
export const sealed = <T extends object>(content: T): T & { readonly sha256: string } => ({
  ...content,
  sha256: digestOf(content),
});

/** What stands in a sealed document without its seal, and whether that holds: `broken` if anything was changed. */
export function unsealed<T extends object>(
  held: T & { readonly sha256?: unknown },
): { readonly content: T; readonly seal: "whole" | "broken" | "none" } {
  const { sha256, ...content } = held;
  const seal = sha256 === undefined ? "none" : sha256 === digestOf(content) ? "whole" : "broken";
  return { content: content as unknown as T, seal };
}
