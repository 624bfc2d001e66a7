import {
  type Growing,
  kindOfValues,
  type Manifest,
  type PreparedSet,
  readValueKind,
  type ValueKind,
} from "@gradpool/data";

/** What a data set offers, without its rows. */
export interface DataFacts {
  readonly target: string;
  readonly tasks: {
    readonly behaviors: readonly string[];
    readonly itemPairs: readonly string[];
    readonly impressions: readonly string[];
  };
  /** What the values of the target's training pairs are taken for. Only ratings make `rating` a side task by itself. */
  readonly values: ValueKind;
  /** True if the data has what this task learns from; of `numerical`, whether it has numerical features. */
  offers(task: string): boolean;
}

export function factsOf(set: PreparedSet): DataFacts {
  return facts(
    set.target,
    {
      behaviors: Object.keys(set.behaviors),
      itemPairs: Object.keys(set.itemPairs),
      impressions: set.impressions?.tasks ?? [],
    },
    {
      social: set.social !== undefined,
      category: set.categories !== undefined,
      numerical: [...set.userFeatures, ...set.itemFeatures, ...(set.impressions?.train.features ?? [])].some(
        ({ kind }) => kind === "numerical",
      ),
      values: kindOfValues(set.behaviors[set.target]?.train.values ?? []),
    },
  );
}

/** The same of rows that keep coming. */
export function factsOfRows({ labels: impressions, numerical }: Pick<Growing, "labels" | "numerical">): DataFacts {
  const has = { social: false, category: false, numerical, values: "none" } as const;
  return facts(impressions[0] as string, { behaviors: [], itemPairs: [], impressions }, has);
}

/** The same from a prepared set's folder, its manifest read. */
export async function factsOfManifest(folder: string, { tables, target }: Manifest): Promise<DataFacts> {
  return facts(
    target,
    {
      behaviors: tables.behaviors.map((behavior) => behavior.name),
      itemPairs: tables.itemPairs.map((pairs) => pairs.name),
      impressions: tables.impressions?.tasks ?? [],
    },
    {
      social: tables.social !== undefined,
      category: tables.category !== undefined,
      numerical: tables.features.some(({ kind }) => kind === "numerical"),
      values: await readValueKind(folder),
    },
  );
}

function facts(
  target: string,
  tasks: DataFacts["tasks"],
  has: Readonly<Record<"social" | "category" | "numerical", boolean>> & { readonly values: ValueKind },
): DataFacts {
  const offered = new Set<string>([
    ...tasks.behaviors,
    ...tasks.itemPairs,
    ...tasks.impressions,
    ...(tasks.impressions.length > 0 ? ["impressions"] : []),
    ...(has.social ? ["social"] : []),
    ...(has.category ? ["category"] : []),
    ...(has.numerical ? ["numerical"] : []),
    ...(has.values === "none" ? [] : ["rating"]),
    ...(tasks.behaviors.length > 0 ? ["au"] : []),
  ]);
  return { target, tasks, values: has.values, offers: (task) => offered.has(task) };
}
