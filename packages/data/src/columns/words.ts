import type { ValuesOf, WordValues } from "./chunks.js";

/** Cells that are texts themselves are their own words. */
export const wordValues = (values: ValuesOf["VARCHAR"]): WordValues =>
  "codes" in values
    ? values
    : {
        words: values.map((value) => value ?? ""),
        codes: Int32Array.from(values, (value, k) => (value === null ? -1 : k)),
      };
