/** How a number enters a model. All of them are affine but `log`, which is sign(x) · ln(1 + |x|) first, standardised then. */
export type Scale = "standard" | "min-max" | "log" | "none";

/** Parts of a time, in UTC, and how many of each there are. Monday is weekday 0. */
export const timeParts = { minute: 60, hour: 24, weekday: 7, day: 31, month: 12 } as const;
export type TimePart = keyof typeof timeParts;

/** What a feature of a prepared set was asked to be. */
export type Encoding = {
  /** The source's columns that it is made of: one, of a cross two or more. */
  readonly columns: readonly string[];
  /** Texts that say nothing, beside the empty one. */
  readonly missing?: readonly string[];
} & (
  | {
      readonly kind: "number";
      readonly scale: Scale;
      /** A second input beside it, 1 where the number is missing. */
      readonly flag?: true;
    }
  /** 1 + how many of the bounds are ≤ the number; bounds ascending, in float32. */
  | { readonly kind: "buckets"; readonly bounds: readonly number[] }
  | { readonly kind: "category"; readonly unknown?: number }
  /** 1 + the first 48 bits of the text's SHA-256 (UTF-8), modulo `size`. */
  | { readonly kind: "hash"; readonly size: number }
  | {
      readonly kind: "list";
      readonly separator: string;
      readonly pooling: "sum" | "mean";
      readonly unknown?: number;
      /** As of `hash`, each value by itself. */
      readonly size?: number;
    }
  /** 1 + the part, of UTC. `scale`: numbers are so many to a second. */
  | { readonly kind: "time"; readonly part: TimePart; readonly format?: string; readonly scale: number }
);

/** Between the values of a cross: no text of a table has it. */
export const crossing = "\u001f";

/** Texts of which 48 bits of the digest are taken, as hexadecimal digits. */
export const hashDigits = 12;
