import base from "../../vitest.config.js";

const trainer = ["model-fixtures", "tensor-*", "cut", "accumulate", "draws*", "drop-in*", "batch-norm", "adatask"];
const more = ["engine", "limits", "backends", "class-weights", "row-weights"];

/** The tests of what computes with tensors, all on one backend: GRADPOOL_TEST_BACKEND, or node-gpu. `npm run test:gpu`. */
const { projects: _, ...test } = base.test;
export default {
  ...base,
  test: {
    ...test,
    include: ["test/gpu/*.test.ts", ...[...trainer, ...more].map((name) => `packages/trainer/test/${name}.test.ts`)],
    setupFiles: ["test/gpu/backend.ts"],
    // Each has TensorFlow's library and a part of the card to itself.
    maxWorkers: 4,
  },
};
