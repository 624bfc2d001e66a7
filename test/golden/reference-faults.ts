import { flatten, type GoldenRecord, goldenSteps } from "./load.js";

/** What is wrong with a reference code on some record; ours gives the answer that the method's definition gives. */
export type ReferenceFault =
  | "NaN on a zero gradient"
  | "a gradient whose coordinates sum to 0 is taken for an absent one"
  | "a row is projected against its own original"
  | "an absolute epsilon of 1e-8 is added to squared norms"
  | "head parameters take part in norms and projections";

/** Why a record of one of the seven methods is not the defined answer, or undefined where it is. */
export function referenceFault(record: GoldenRecord): ReferenceFault | undefined {
  if (record.input["head_gradients"] !== undefined) return "head parameters take part in norms and projections";
  if (typeof record.options["note"] === "string" && record.options["note"].includes("a row sums to exactly 0")) {
    const [step] = goldenSteps(record);
    // On an all-zero case these codes are right, by luck, wherever they do not answer NaN.
    if (flatten(step).some((x) => x !== 0)) return "a gradient whose coordinates sum to 0 is taken for an absent one";
  }
  if (hasNaN(record.output)) return "NaN on a zero gradient";
  if (record.source === "LibMTL" && record.method === "PCGrad") {
    return "an absolute epsilon of 1e-8 is added to squared norms";
  }
  const order = record.options["order"];
  if (record.input.case === "t3p2_self_matters" && typeof order === "string" && /self|ascending/.test(order)) {
    return "a row is projected against its own original";
  }
  return undefined;
}

function hasNaN(value: unknown): boolean {
  return value !== null && typeof value === "object" ? Object.values(value).some(hasNaN) : Number.isNaN(value);
}
