import { name } from "../tables/duck.js";
import type { Manifest, RowColumnNames } from "./manifest.js";
import { partNames, type PartName, type RowColumns } from "./prepared-set.js";

type Shown = NonNullable<Manifest["tables"]["impressions"]>;

/** Which columns of the files hold what of a row. */
export function rowColumns({ users, items, tables }: Manifest): RowColumns {
  const shown = tables.impressions as Shown;
  const called: RowColumnNames = shown.columns ?? { user: "user", item: "item", time: "time", weight: "weight" };
  const quoted = (column: string | undefined): string | null => (column === undefined ? null : name(column));
  return {
    users: { column: quoted(called.user), size: users },
    items: { column: quoted(called.item), size: items },
    time: shown.timed ? quoted(called.time) : null,
    weight: shown.weighted === true ? quoted(called.weight) : null,
    labels: shown.tasks.map((task, k) => ({ name: task, column: name(called.labels?.[k] ?? `label_${k}`) })),
    features: tables.features.flatMap(({ entity, name: feature, kind, source }) =>
      entity === "impression" ? [{ name: feature, kind, column: name(source) }] : [],
    ),
  };
}

/** The files of each part, and the part's number in those that hold all of them. */
export function rowFiles(
  shown: Shown,
): Readonly<Record<PartName, { readonly files: readonly string[]; readonly part: number | null }>> {
  const { file, partitions } = shown;
  const entries = partNames.map((part, k) => {
    if (partitions !== undefined) return [part, { files: partitions[part], part: null }] as const;
    return [part, { files: file === undefined ? [] : [file], part: k }] as const;
  });
  return Object.fromEntries(entries) as never;
}
