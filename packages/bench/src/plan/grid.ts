import { GradpoolError } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { defaultConfig, type TrainConfig } from "@gradpool/runs";
import { configOf } from "@gradpool/runs";
import type { Plan } from "../results/types.js";

type Field = keyof TrainConfig;

/** Fields that make another comparison instead of another point: the data, what is compared, and by which measure. */
const fixed: readonly string[] = ["data", "pool", "tasks", "seed", "metrics", "balance"];

/** Fields of the configuration that a grid may sweep. */
export const sweptFields: readonly Field[] = (Object.keys(defaultConfig) as Field[]).filter(
  (field) => !fixed.includes(field),
);

/** A field's name as a flag: `evalEvery` is `eval-every`. */
const flagOf = (field: string): string => field.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

/** What stands in braces in pools: `metabalance(relax={relax})` has `relax`. */
const placeholders = (pools: readonly string[]): readonly string[] => [
  ...new Set(pools.flatMap((pool) => [...pool.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name as string))),
];

export function unknownGridName(name: string, pools: readonly string[], where: string): GradpoolError {
  const known = [...placeholders(pools), ...sweptFields.map(flagOf)];
  const guess = didYouMean(name, known, "");
  return new GradpoolError({
    code: "usage",
    what: `nothing is called ${name}`,
    where,
    remedy: `${guess}${guess === "" ? "" : " "}sweep one of ${known.join(", ")}, or the NAME of a {NAME} in a pool, as in METHOD(option={${name}})`,
  });
}

/**
 * A grid with the names of fields and the values that the configuration wants. A name is what stands in braces in a pool, a
 * flag of `gradpool train` without its dashes (`eval-every`), or the field itself (`evalEvery`).
 *
 * @throws GradpoolError `usage` for a name that is none of these (it lists what there is), a field that stands there by both
 * names, and a value that the flag would not take.
 */
export function resolveGrid(grid: Plan["grid"], pools: readonly string[], where: string): Plan["grid"] {
  const resolved: Record<string, readonly (number | string)[]> = {};
  const own = placeholders(pools);
  for (const [name, values] of Object.entries(grid)) {
    if (own.includes(name)) {
      resolved[name] = values;
      continue;
    }
    const field = sweptFields.find((known) => name === known || name === flagOf(known));
    if (field === undefined) throw unknownGridName(name, pools, where);
    if (field in resolved) {
      const remedy = "give all of its values to one of them";
      throw new GradpoolError({ code: "usage", what: `${field} and ${flagOf(field)} are one field`, where, remedy });
    }
    resolved[field] = values.map((value) => configOf({ [flagOf(field)]: String(value) })[field] as number | string);
  }
  return resolved;
}
