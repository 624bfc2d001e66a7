import { GradpoolError } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { hyphenated, readField, type TrainField, trainFields, trainOption } from "@gradpool/runs";
import type { Plan } from "../results/types.js";

/** Fields of the configuration that a grid may sweep: the others make another comparison instead of another point. */
export const sweptFields: readonly TrainField[] = trainFields.filter((field) => trainOption(field).fixed !== true);

/** What stands in braces in pools: `metabalance(relax={relax})` has `relax`. */
const placeholders = (pools: readonly string[]): readonly string[] => [
  ...new Set(pools.flatMap((pool) => [...pool.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name as string))),
];

export function unknownGridName(name: string, pools: readonly string[], where: string): GradpoolError {
  const known = [...placeholders(pools), ...sweptFields.map(hyphenated)];
  const guess = didYouMean(name, known, "");
  return new GradpoolError({
    code: "usage",
    what: `nothing is called ${name}`,
    where,
    remedy: `${guess}${guess === "" ? "" : " "}sweep one of ${known.join(", ")}, or the NAME of a {NAME} in a pool, as in METHOD(option={${name}})`,
  });
}

/**
 * A grid with the names of options and the values that the configuration wants. A name is what stands in braces in a pool, or
 * an option of training, as `evalEvery` or as `eval-every`.
 *
 * @throws GradpoolError `usage` for a name that is none of these (it lists what there is), an option that stands there by both
 * names; `invalid-option` for a value that it does not take.
 */
export function resolveGrid(grid: Plan["grid"], pools: readonly string[], where: string): Plan["grid"] {
  const resolved: Record<string, readonly (number | string)[]> = {};
  const own = placeholders(pools);
  for (const [name, values] of Object.entries(grid)) {
    if (own.includes(name)) {
      resolved[name] = values;
      continue;
    }
    const field = sweptFields.find((known) => name === known || name === hyphenated(known));
    if (field === undefined) throw unknownGridName(name, pools, where);
    if (field in resolved) {
      const remedy = "give all of its values to one of them";
      throw new GradpoolError({
        code: "usage",
        what: `${field} and ${hyphenated(field)} are one option`,
        where,
        remedy,
      });
    }
    resolved[field] = values.map((value) => readField(field, String(value), where) as number | string);
  }
  return resolved;
}
