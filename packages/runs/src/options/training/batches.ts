/** What a step is made of. A part of the table of training options. */
export const batchOptions = {
  read: {
    type: "enum",
    values: ["auto", "memory", "stream"],
    default: "auto",
    hint: "HOW",
    description:
      "rows of labels: all in memory, or from the disk as they are needed, shuffled by row groups and buffers of 2^20 rows (auto: from 1 GiB on)",
  },
  negatives: { type: "number", integer: true, min: 1, default: 1, hint: "N", description: "negatives per positive" },
  negativeSampling: {
    type: "enum",
    values: ["uniform", "popularity"],
    default: "uniform",
    hint: "HOW",
    description: "how negatives are drawn",
  },
  furtherBatches: {
    type: "enum",
    values: ["drawn", "split"],
    default: "drawn",
    hint: "HOW",
    description: "modo, sdmgrad(sampling=double): a step's independent batches, each drawn by itself, or one batch cut",
  },
  heldOut: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    max: 1,
    exclusiveMax: true,
    default: 0.05,
    hint: "X",
    description: "auxinash: share of the target's training examples that validation gradients are taken of",
  },
  missing: {
    type: "enum",
    values: ["unlabelled", "negative"],
    default: "unlabelled",
    hint: "HOW",
    description: "shared-bottom: what a pair that only another task has is to a task",
  },
} as const;
