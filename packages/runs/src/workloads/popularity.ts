import { behaviorOf } from "@gradpool/data";
import { countItems } from "../evaluation/ranking.js";
import type { Workload } from "./contract.js";
import { defineUntrained } from "./untrained.js";

/** The same list for everybody: what most users chose. */
export const popularityWorkload: Workload = defineUntrained({
  name: "popularity",
  summary: "no training: items by the number of users who chose them; judged on the first task",
  options: {},
  scores(set, task) {
    const counts = Float32Array.from(countItems(behaviorOf(set, task).train.items, set.items));
    return (users, out) => users.forEach((_, k) => out.set(counts, k * set.items));
  },
});
