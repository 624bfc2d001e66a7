import { problem } from "../errors.js";
import type { Context, Staged } from "../prepare/context.js";
import { readDelimited } from "../prepare/delimited.js";
import { expand } from "../prepare/sources.js";
import { inputs } from "./inputs.js";

const behaviors = ["buy", "cart", "pv", "fav"] as const;

/**
 * Taobao's `UserBehavior.csv`: no header, `user,item,category,behavior(pv|buy|cart|fav),timestamp`, whole numbers.
 * The item's category becomes an item feature (of an item listed under several, the smallest).
 */
export async function readTaobao(context: Context): Promise<Staged> {
  const files = await expand(context.db, inputs(context, "FILE"), [".csv", ".csv.gz"]);
  if (files.length === 0) throw problem("usage", "no file given", "--format taobao", "give UserBehavior.csv");
  const layout = {
    delimiter: ",",
    columns: [
      { name: "user", type: "BIGINT", required: true },
      { name: "item", type: "BIGINT", required: true },
      { name: "category", type: "BIGINT" },
      { name: "behavior", type: "VARCHAR", values: behaviors, required: true },
      { name: "timestamp", type: "BIGINT" },
    ],
  } as const;
  // An enumeration's code is its position in `behaviors`: one byte a row on disk.
  const code = "CAST(enum_code(behavior) AS UTINYINT)";
  await readDelimited(
    context,
    files,
    layout,
    "taobao",
    `${code} AS b, "user" AS u, item AS i, "timestamp" AS t, category AS c`,
    ["u", "i", "b"],
  );
  return {
    behaviors,
    raw: "(SELECT b, u, i, t, NULL::DOUBLE AS v FROM taobao)",
    timed: true,
    valued: false,
    features: [
      { entity: "item", name: "category", kind: "one-hot", relation: "(SELECT i AS key, c AS value FROM taobao)" },
    ],
    category: "category",
    target: "buy",
  };
}
