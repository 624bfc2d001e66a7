import { given } from "@gradpool/core";
import type { Staged } from "../formats/reader.js";
import { checkInvariants } from "../set/invariants.js";
import { versionOf, type Manifest } from "../set/manifest.js";
import { createOutput, type Output } from "../set/output.js";
import type { SourceFile } from "../tables/sources.js";
import { requireAll } from "./after.js";
import type { Context } from "./context.js";
import { filterAndNumber, targetIndex } from "./filter.js";
import { stageImpressions, writeImpressions, type Shown } from "./impressions.js";
import { requireParted } from "./partitions.js";
import { chooseSplit, makePairs } from "./pairs.js";
import { writeBehavior, writeFeature, writeLinks } from "./sides.js";

async function writeItemPairs(output: Output, staged: Staged): Promise<Manifest["tables"]["itemPairs"]> {
  const written = [];
  for (const { name, relation } of staged.itemPairs ?? []) {
    const file = `${output.base("item-pairs", name)}.parquet`;
    written.push({ name, file, pairs: await writeLinks(output, "items", relation, file) });
  }
  return written;
}

/** In SQL, the users or items (`r`) that something is learnt about: those of rows shown in training, else of training pairs. */
function trainedOwners(staged: Staged, shown: Shown | undefined, entity: "user" | "item"): string {
  const column = entity === "user" ? "u" : "i";
  const rows =
    shown === undefined
      ? staged.behaviors.map((_, b) => `SELECT ${column} AS r FROM behavior_${b} WHERE part = 0`)
      : [`SELECT ${column} AS r FROM ${shown.parts} WHERE part = 0`];
  return `(SELECT DISTINCT r FROM (${rows.join(" UNION ALL ")}))`;
}

/** Every table of the set but the impressions, written. */
async function writeTables(context: Context, output: Output, staged: Staged, target: number, shown: Shown | undefined) {
  const key = context.after === undefined ? "CAST(key AS VARCHAR)" : "label";
  const users = await output.write("users.parquet", `SELECT id, ${key} AS key FROM users ORDER BY id`);
  const items = await output.write("items.parquet", `SELECT id, ${key} AS key FROM items ORDER BY id`);
  const behaviors = [];
  for (const index of staged.behaviors.keys()) {
    behaviors.push(
      await writeBehavior(context, output, staged, index, index === target || context.resolved.splitAll === true),
    );
  }
  const features = [];
  for (const feature of staged.features ?? []) {
    features.push(await writeFeature(context, output, feature, trainedOwners(staged, shown, feature.entity)));
  }
  return { users, items, behaviors, features };
}

/** Everything between the staged relations and the manifest: filter, split, write into `folder`, check. */
export async function build(
  context: Context,
  staged: Staged,
  folder: string,
  sources: readonly SourceFile[],
): Promise<Manifest> {
  const { resolved, malformed } = context;
  const target = targetIndex(context, staged, resolved.target);
  requireParted(context, staged.impressions !== undefined, staged.timed);
  const split = chooseSplit(resolved.split, staged);
  await filterAndNumber(context, staged, target);
  const { counts, cut } = await makePairs(context, staged, target, split);
  const output = createOutput(context, folder);
  const { impressions } = staged;
  const parted = impressions && (await stageImpressions(context, { ...staged, impressions }, target, { split, cut }));
  const { users, items, behaviors, features } = await writeTables(context, output, staged, target, parted);
  const shown = impressions && parted && (await writeImpressions(context, output, { ...staged, impressions }, parted));
  const social =
    staged.social === undefined
      ? undefined
      : { file: "social.parquet", pairs: await writeLinks(output, "users", staged.social, "social.parquet") };
  const itemPairs = await writeItemPairs(output, staged);
  const { split: _split, seed, target: _target, ...options } = resolved;
  const tables: Manifest["tables"] = {
    users: "users.parquet",
    items: "items.parquet",
    behaviors,
    ...given({ social }),
    itemPairs,
    features: [...features, ...(shown?.features ?? [])],
    ...given({ category: staged.category, impressions: shown?.impressions }),
  };
  requireAll(context, tables.features);
  const manifest = {
    format: "gradpool-data",
    version: versionOf(tables),
    sources,
    options,
    split,
    seed,
    target: staged.behaviors[target] as string,
    users,
    items,
    behaviors: counts,
    malformed: { count: malformed.count, first: malformed.first },
    tables,
  } as const satisfies Omit<Manifest, "files">;
  await checkInvariants(context, output, manifest);
  return { ...manifest, files: output.files };
}
