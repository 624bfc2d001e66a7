/** A search as it is asked for. */
export interface SearchRequest {
  /** Name → `16,32,64`, `0..1` or `log(1e-4,1e-1)`. */
  readonly space: Readonly<Record<string, string>>;
  /** Default: `grid` where all are lists, else `random`. */
  readonly strategy?: "grid" | "random" | "halving";
  /** Points of each contender, of a strategy that takes points. Default 20. */
  readonly trials?: number;
  /** Of the points. Default 1. */
  readonly seed?: number;
}
