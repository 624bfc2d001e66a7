import { behaviorOf } from "@gradpool/data";
import type { Workload } from "./contract.js";
import { defineUntrained } from "./untrained.js";
import { itemNeighbours } from "./item-neighbours.js";

/**
 * Item neighbours: score(u, i) = Σ sim(j, i) over the items j that u chose and that are among the k nearest of i.
 *
 * Source: Deshpande & Karypis, "Item-Based Top-N Recommendation Algorithms", TOIS 2004; as RecBole has it (ItemKNN).
 */
export const itemKnnWorkload: Workload = defineUntrained({
  name: "itemknn",
  summary:
    "no training: items like those that the user chose, by the cosine of who chose them; judged on the first task",
  options: {
    k: { type: "number", integer: true, min: 1, default: 100, description: "nearest items of each item" },
    shrink: {
      type: "number",
      min: 0,
      default: 0,
      description: "added to the cosine's denominator: fewer chance likenesses",
    },
  },
  scores(set, task, { k, shrink }) {
    const { offsets, items } = behaviorOf(set, task).train;
    const near = itemNeighbours({ offsets, items, itemCount: set.items, k, shrink });
    return (users, out) => {
      out.fill(0);
      users.forEach((user, row) => {
        for (let at = offsets[user] as number; at < (offsets[user + 1] as number); at++) {
          const chosen = items[at] as number;
          for (let n = near.offsets[chosen] as number; n < (near.offsets[chosen + 1] as number); n++) {
            const place = row * set.items + (near.items[n] as number);
            out[place] = (out[place] as number) + (near.likeness[n] as number);
          }
        }
      });
    };
  },
});
