/** What runs have measured, as it lies in docs/results/data: aggregated numbers, one file a comparison, and one of references. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import { root } from "../workspace.mjs";

const folder = "docs/results/data";

const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

const pathOf = (name) => `${folder}/${name}.json`;

/** The comparisons, by name, in the order of their files. */
export function comparisons() {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".json") && file !== "references.json")
    .sort()
    .map((file) => read(`${folder}/${file}`));
}

/** What others published, and our runs of it. */
export const references = () => read(pathOf("references"));

/** What the papers say, as statements that a comparison can judge. */
export const claims = () => read("docs/results/claims.json");

/** The recipe that a comparison ran: its printed numbers are shown beside ours. */
export const recipeOf = (name) => read(`packages/bench/recipes/${name}.json`);

/** Writes a file of results, as prettier would. */
export async function keep(name, data) {
  const path = join(root, pathOf(name));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await format(JSON.stringify(data), { parser: "json", printWidth: 120 }));
  return pathOf(name);
}

/** As many digits as a mean of a few seeds can bear. */
const short = (value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value);

/** Every number of a value made short. */
export function shortened(value) {
  if (Array.isArray(value)) return value.map(shortened);
  if (value === null || typeof value !== "object") return short(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}
