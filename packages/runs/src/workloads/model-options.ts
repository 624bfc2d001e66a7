import type { BooleanOption, NumberOption } from "@gradpool/core";

export const dropoutOption = (standard: number): NumberOption => ({
  type: "number",
  min: 0,
  max: 1,
  exclusiveMax: true,
  default: standard,
  description: "share dropped after every hidden layer",
});

export const batchNormOption: BooleanOption = {
  type: "boolean",
  default: false,
  description: "batch normalisation in every hidden layer",
};

export const startOption = (standard: number): NumberOption => ({
  type: "number",
  min: 0,
  exclusiveMin: true,
  default: standard,
  description: "standard deviation of the embeddings' start values",
});
