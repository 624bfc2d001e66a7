export interface Claim {
  readonly of?: string;
  readonly than?: "rivals" | "curve" | readonly string[];
  readonly pairs?: readonly (readonly [string, string])[];
  readonly some?: boolean;
  readonly metrics?: readonly string[];
  readonly part?: "test" | "valid";
  readonly below?: boolean;
  readonly suffixes?: readonly string[];
}
export interface ClaimTest {
  readonly metric: string;
  readonly own: string;
  readonly other: string;
  readonly gain: number;
  readonly p: number | null;
  readonly pHolm: number | null;
}
export function higherIsBetter(metric: string): boolean;
export function judge(
  claim: Claim,
  set: object,
): {
  readonly tests: readonly ClaimTest[];
  readonly weakest: ClaimTest;
  readonly verdict: "confirmed" | "refuted" | "not shown";
} | null;
