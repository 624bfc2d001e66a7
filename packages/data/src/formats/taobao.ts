import { readDelimited, type Layout } from "../tables/delimited.js";
import { inputFiles } from "./inputs.js";
import type { DataFormat } from "./reader.js";

const behaviors = ["buy", "cart", "pv", "fav"] as const;

const layout = {
  delimiter: ",",
  columns: [
    { name: "user", kind: "whole", required: true },
    { name: "item", kind: "whole", required: true },
    { name: "category", kind: "whole" },
    { name: "behavior", kind: "text", values: behaviors, required: true },
    { name: "timestamp", kind: "number" },
  ],
} as const satisfies Layout;

/**
 * Taobao's `UserBehavior.csv`: no header, `user,item,category,behavior(pv|buy|cart|fav),timestamp`, whole numbers.
 * The item's category becomes an item feature (of an item listed under several, the smallest).
 */
export const taobao: DataFormat = {
  name: "taobao",
  takes: { input: "FILE…", encoding: "NAME" },
  describe: "UserBehavior.csv: user,item,category,behavior,timestamp",
  async read(reading) {
    const files = await inputFiles(reading, taobao, [".csv", ".csv.gz"]);
    // An enumeration's code is its position in `behaviors`: one byte a row on disk.
    const code = "CAST(enum_code(behavior) AS UTINYINT)";
    const select = `${code} AS b, "user" AS u, item AS i, "timestamp" AS t, category AS c`;
    await readDelimited(reading, files, layout, { table: "taobao", select });
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
  },
};
