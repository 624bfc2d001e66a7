export type * from "./batches.js";
