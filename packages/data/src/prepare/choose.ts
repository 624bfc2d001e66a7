import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import type { ReadOptions } from "../formats/options.js";
import type { Staged } from "../formats/reader.js";
import type { Workspace } from "../tables/workspace.js";

/** What a set is made of, by name. */
export interface Choice {
  /** Behaviours to keep, in this order; default all but the stray. */
  readonly behaviors: readonly string[] | undefined;
  /** Features to keep; default all. */
  readonly features: readonly string[] | undefined;
  /** Behaviours, tasks and features by what they are called in the source → in the set. */
  readonly rename: Readonly<Record<string, string>>;
}

/** New names for everything; the other options speak of these. */
function renamed(staged: Staged, rename: Choice["rename"]): Staged {
  const call = (name: string): string => (Object.hasOwn(rename, name) ? (rename[name] as string) : name);
  const named = <T extends { readonly name: string }>(list: readonly T[] = []): T[] =>
    list.map((entry) => ({ ...entry, name: call(entry.name) }));
  const { impressions, features, category, target, stray } = staged;
  const tasks = named(impressions?.tasks);
  const known = new Set([
    ...staged.behaviors,
    ...[features, impressions?.tasks, impressions?.features].flatMap((list = []) => list.map(({ name }) => name)),
  ]);
  const unknown = Object.keys(rename).find((name) => !known.has(name));
  if (unknown !== undefined) throw unknownName("rename", unknown, [...known]);
  const result: Staged = {
    ...staged,
    behaviors: staged.behaviors.map(call),
    ...given({
      features: features && named(features),
      impressions: impressions && { ...impressions, tasks, features: named(impressions.features) },
      category: category === undefined ? undefined : call(category),
      target: target === undefined ? undefined : call(target),
      stray: stray?.map(call),
    }),
  };
  refuseTwice("behaviours", result.behaviors);
  refuseTwice(
    "tasks",
    tasks.map(({ name }) => name),
  );
  for (const entity of ["user", "item"]) {
    refuseTwice(
      `${entity} features`,
      (result.features ?? []).filter((one) => one.entity === entity).map(({ name }) => name),
    );
  }
  refuseTwice(
    "features",
    (result.impressions?.features ?? []).map(({ name }) => name),
  );
  return result;
}

function unknownName(option: string, name: string, known: readonly string[]): Error {
  const remedy = known.length === 0 ? "there are none" : `give some of ${known.join(", ")}`;
  return problem("usage", `there is no "${name}"`, option, remedy);
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice === undefined) return;
  throw problem("usage", `two ${what} are called "${twice}"`, "rename", "give each a name of its own");
}

/** Only the behaviours in `kept`, numbered in their order; a task that is a behaviour goes with it. */
function withBehaviors(staged: Staged, kept: readonly string[]): Staged {
  const dropped = staged.behaviors.filter((name) => !kept.includes(name));
  if (dropped.length === 0 && kept.every((name, k) => staged.behaviors[k] === name)) return staged;
  const index = (name: string): number => staged.behaviors.indexOf(name);
  const number = `CASE b ${kept.map((name, k) => `WHEN ${index(name)} THEN ${k}`).join(" ")} END::USMALLINT`;
  const raw = `(SELECT ${number} AS b, u, i, t, v FROM ${staged.raw} WHERE b IN (${kept.map(index).join(", ")}))`;
  const { impressions, target, ...rest } = staged;
  const tasks = impressions?.tasks.filter(({ name }) => !dropped.includes(name)) ?? [];
  return {
    ...rest,
    behaviors: kept,
    raw,
    ...given({
      impressions: impressions && tasks.length > 0 ? { ...impressions, tasks } : undefined,
      target: kept.find((name) => name === target),
    }),
  };
}

function withFeatures(staged: Staged, kept: readonly string[]): Staged {
  const { features = [], impressions, category, ...rest } = staged;
  const has = ({ name }: { readonly name: string }): boolean => kept.includes(name);
  const known = [...features, ...(impressions?.features ?? [])].map(({ name }) => name);
  const unknown = kept.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName("features", unknown, known);
  return {
    ...rest,
    features: features.filter(has),
    ...given({
      impressions: impressions && { ...impressions, features: impressions.features.filter(has) },
      category: kept.find((name) => name === category),
    }),
  };
}

/** What was read, less what is not wanted, under the names that are. Behaviours left out unasked are said. */
export async function choose(workspace: Workspace, staged: Staged, choice: Choice): Promise<Staged> {
  const all = renamed(staged, choice.rename);
  const { behaviors, stray = [] } = all;
  const unknown = choice.behaviors?.find((name) => !behaviors.includes(name));
  if (unknown !== undefined) throw unknownName("behaviors", unknown, behaviors);
  const sound = behaviors.filter((name) => !stray.includes(name));
  const kept = choice.behaviors ?? (sound.length === 0 ? behaviors : sound);
  if (kept.length === 0)
    throw problem("usage", "no behaviour is left", "behaviors", `give some of ${behaviors.join(", ")}`);
  const dropped = behaviors.filter((name) => !kept.includes(name));
  if (dropped.length > 0 && !choice.behaviors) {
    const places = dropped.map((name) => behaviors.indexOf(name)).join(", ");
    const rows = await workspace.db.number(`SELECT count(*) FROM ${all.raw} WHERE b IN (${places})`);
    workspace.note(
      `${rows} rows of ${dropped.join(", ")} are left out: who takes something back has not liked it; \`behaviors\` says which to keep`,
    );
  }
  const chosen = withBehaviors(all, kept);
  return choice.features ? withFeatures(chosen, choice.features) : chosen;
}

/** The choice that options make. */
export const choiceOf = (
  options: ReadOptions & { readonly features?: readonly string[]; readonly rename?: Choice["rename"] },
): Choice => ({
  behaviors: Array.isArray(options.behaviors) ? (options.behaviors as readonly string[]) : undefined,
  features: options.features,
  rename: options.rename ?? {},
});
