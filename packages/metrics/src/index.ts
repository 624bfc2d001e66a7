export { rankTopK } from "./topk/rank.js";
export type { ItemLists, TopK, TopKOptions } from "./topk/types.js";
