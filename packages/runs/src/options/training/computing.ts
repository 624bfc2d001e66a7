/** What computes, and what is looked at while it does. A part of the table of training options. */
export const computingOptions = {
  backend: {
    type: "enum",
    values: ["auto", "node-gpu", "node", "wasm", "cpu"],
    default: "auto",
    hint: "NAME",
    description: "what computes dense layers",
  },
  balance: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "all",
    fixed: true,
    description: "tables or modules that the pool balances",
  },
  probabilities: {
    type: "enum",
    values: ["corrected", "sampled"],
    default: "corrected",
    hint: "WHICH",
    description: "of a set that kept some negatives: as if all had been kept, or as its rows are",
  },
  onNonFinite: {
    type: "enum",
    values: ["stop", "skip"],
    default: "stop",
    hint: "HOW",
    description: "what a NaN in a loss or gradient does",
  },
  diagnosticsEvery: {
    type: "number",
    integer: true,
    min: 0,
    default: 20,
    hint: "N",
    description: "steps between norms, cosines and weights; 0: never",
  },
  seed: {
    type: "number",
    integer: true,
    min: 0,
    default: 1,
    hint: "N",
    fixed: true,
    description: "seed of everything random",
  },
} as const;
