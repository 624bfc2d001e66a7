// The trainer's kernels. Memory is imported and laid out by src/tables/arena.ts; all pointers are byte addresses.
export { locate, rehash, sortSlots } from "./slots";
export {
  addPooled,
  claim,
  claimAll,
  gather,
  gatherPooled,
  scatter,
  scatterNext,
  scatterPooled,
  scatterShard,
  scatterWide,
  tally,
} from "./rows";
export { addGram, expand, gram, gramTerms, rowNorms } from "./gram";
export { applyApart, applyTasks, applyValues, catchUp, configure, correct } from "./optimizer";
export { addUp, alignUniform, bce, bpr, mse } from "./losses";
export { addScaled, propagate, reach, spread, spreadWide } from "./graph";
export { propagatePlanes, spreadPlanes, toPlanes } from "./planes";
export { add, columns, columnSums, leaky, multiply, outer, product, scale, unit, unitBack } from "./layers";
export { drop, dropEdges } from "./chance";
export { scorePairs } from "./pairs";
export { combineRows, finite } from "./combine";
export { seen } from "./touch";

/** Where the compiler's own constants end: memory before it is taken. */
export function heap(): usize {
  return __heap_base;
}
