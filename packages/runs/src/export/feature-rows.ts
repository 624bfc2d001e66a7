import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FeatureRows } from "@gradpool/data";
import type { TrainedRun } from "../open/contract.js";
import { writeVocabularies } from "./ids.js";

type Layout = Readonly<Partial<Record<"users" | "items", readonly FeatureRows[]>>>;

const layoutOf = ({ model }: TrainedRun): Layout => (model.options["features"] ?? {}) as unknown as Layout;

/** By table of feature embeddings, whose rows are whose. */
export function featureRows(run: TrainedRun): ReadonlyMap<string, readonly FeatureRows[]> {
  const layout = run.ranks ? layoutOf(run) : {};
  return new Map(
    run.model.tables.flatMap(({ name, plus }) => {
      const features = layout[name.endsWith("users") ? "users" : "items"];
      return plus === undefined || features === undefined ? [] : [[plus.table, features] as const];
    }),
  );
}

/**
 * `features.json` of a model that ranks and reads features: by side, in order, how each becomes what is added to a row; beside it
 * `vocabularies.json`, the numbers of values. Nothing for other models.
 */
export function writeFeatureRows(run: TrainedRun, folder: string): void {
  if (featureRows(run).size === 0) return;
  const told = Object.entries(layoutOf(run)).map(([side, features]) => {
    const own = features.map(({ name, kind, rows, pooling }) => ({
      name,
      kind,
      rows,
      ...(pooling !== undefined && { pooling }),
      ...(kind === "numerical" && run.data.measures[name]),
    }));
    return [side, own] as const;
  });
  writeFileSync(join(folder, "features.json"), `${JSON.stringify(Object.fromEntries(told), null, 2)}\n`);
  writeVocabularies(run, folder);
}
