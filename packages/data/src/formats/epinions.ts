import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { peek, readDelimited, type Layout } from "../tables/delimited.js";
import { readLinks } from "../tables/edges.js";
import type { Column } from "../tables/kinds.js";
import { checkFolder, findFile, needFile } from "../tables/sources.js";
import { onlyInput } from "./inputs.js";
import type { DataFormat } from "./reader.js";

const ratingNames = ["ratings_data.txt", "rating_with_timestamp.txt", "rating.txt", "ratings.txt"];
const trustNames = ["trust_data.txt", "trust.txt"];
const fields = (line: string): string[] => line.replaceAll(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]*,[ \t]*|[ \t]+/);
const id = (name: string): Column => ({ name, kind: "id", required: true });
const number = (name: string): Column => ({ name, kind: "number" });

/** The columns of a row of 3, 5 or 6. */
function columnsOf(width: number): readonly Column[] {
  const rating = { ...number("rating"), required: true };
  if (width === 3) return [id("user"), id("item"), rating];
  const long = [id("user"), id("item"), { name: "category", kind: "text" } as const, rating, number("helpfulness")];
  return width === 5 ? long : [...long, number("time")];
}

/**
 * Epinions in its published layouts: ratings of 3 columns (user item rating), 5 (user item category rating helpfulness)
 * or 6 (and a time), separated by white space, and trust pairs (a third column is ignored).
 */
export const epinions: DataFormat = {
  name: "epinions",
  takes: { input: "DIR", encoding: "NAME" },
  describe: "ratings of 3, 5 or 6 columns, and trust",
  async read(reading) {
    const folder = await checkFolder(onlyInput(reading, epinions));
    const ratings = await needFile(folder, ratingNames);
    const [record] = await peek(reading, ratings, { delimiter: " ", unquoted: true }, 1);
    const first = record?.text ?? "";
    const width = fields(first).length;
    if (![3, 5, 6].includes(width)) {
      const remedy = "3 (user item rating), 5 (user item category rating helpfulness) or 6 (and time) are known";
      throw problem("invalid-input", `the first row has ${width} columns`, `${ratings}:1`, remedy);
    }
    const select = `"user" AS u, item AS i, ${width > 5 ? `"time"` : "NULL::DOUBLE"} AS t, rating AS v${width > 3 ? ", category" : ""}`;
    const layout: Layout = {
      columns: columnsOf(width),
      delimiter: first.includes("\t") ? "\t" : " ",
      unquoted: true,
      split: fields,
      regular: !/\s\s|^\s|\s$|,/.test(first),
      doubt: `contains("user" || item${width > 3 ? " || coalesce(category, '')" : ""}, ',') OR regexp_matches("user" || item, '[ \t]')`,
    };
    await readDelimited(reading, [ratings], layout, { table: "ratings", select });
    const trust = await findFile(folder, trustNames);
    const relation = "(SELECT i AS key, category AS value FROM ratings)";
    return {
      behaviors: ["rate"],
      raw: "(SELECT 0::UTINYINT AS b, u, i, t, v FROM ratings)",
      timed: width > 5,
      valued: true,
      features: width > 3 ? [{ entity: "item", name: "category", kind: "one-hot", relation }] : [],
      ...given({
        category: width > 3 ? "category" : undefined,
        social: trust === undefined ? undefined : await readLinks(reading, trust, "trust"),
      }),
    };
  },
};
