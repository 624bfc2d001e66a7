import { given } from "@gradpool/core";
import type { Feature, PreparedSet, StreamedRows } from "@gradpool/data";
import { didYouMean } from "@gradpool/registry";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";

type Choice = Pick<TrainConfig, "features" | "drop">;

/**
 * The set with the features that a run reads: those named by `features` (default all), less those named by `drop`. `user` and `item` are
 * the ids, as features of rows. A time's name stands for all of its parts.
 *
 * @throws GradpoolError: `usage` for a name that the set has no feature of.
 */
export function chooseFeatures(set: PreparedSet, { features, drop }: Choice): PreparedSet {
  if (features === null && drop === null) return set;
  const { impressions } = set;
  const ids = (["user", "item"] as const).filter((side) => impressions && !impressions.anonymous?.includes(side));
  const lists = [set.userFeatures, set.itemFeatures, impressions?.train.features ?? []];
  const known = [...ids, ...lists.flatMap((list) => list.map(({ name }) => name))];
  const means = (asked: string, name: string): boolean => asked === name || partOf(name, lists) === asked;
  for (const [option, names] of [
    ["features", features],
    ["drop", drop],
  ] as const) {
    const strange = names?.find((asked) => !known.some((name) => means(asked, name)));
    if (strange === undefined) continue;
    const remedy =
      known.length === 0 ? "leave it out" : didYouMean(strange, known, `the features are ${known.join(", ")}`);
    throw optionError(`the data has no feature ${strange}`, option, remedy);
  }
  const kept = (name: string): boolean =>
    (features?.some((asked) => means(asked, name)) ?? true) && !drop?.some((asked) => means(asked, name));
  if (!known.some(kept)) throw optionError("no feature is left", "drop", `keep some of ${known.join(", ")}`);
  const some = (list: readonly Feature[]): Feature[] => list.filter(({ name }) => kept(name));
  const anonymous = [...(impressions?.anonymous ?? []), ...ids.filter((side) => !kept(side))];
  const part = (rows: NonNullable<PreparedSet["impressions"]>["train"]) => ({ ...rows, features: some(rows.features) });
  return {
    ...set,
    userFeatures: some(set.userFeatures),
    itemFeatures: some(set.itemFeatures),
    ...given({
      impressions: impressions && {
        ...impressions,
        ...given({ anonymous: anonymous.length === 0 ? undefined : anonymous }),
        train: part(impressions.train),
        valid: part(impressions.valid),
        test: part(impressions.test),
        ...given({ streamed: impressions.streamed && ofSome(impressions.streamed, kept) }),
      },
    }),
  };
}

/** Rows on the disk of which these features alone are read. */
function ofSome(streamed: StreamedRows, kept: (name: string) => boolean): StreamedRows {
  const { columns } = streamed;
  return { ...streamed, columns: { ...columns, features: columns.features.filter(({ name }) => kept(name)) } };
}

/** The name of the time that a feature is a part of. */
function partOf(name: string, lists: readonly (readonly Feature[])[]): string | undefined {
  const encoding = lists.flat().find((feature) => feature.name === name)?.encoding;
  return encoding?.kind === "time" ? name.slice(0, -encoding.part.length - 1) : undefined;
}
