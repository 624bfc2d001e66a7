import { optionError, type OptionSpecs, readSchedule } from "@gradpool/runs";
import type { SearchRequest } from "../space/request.js";
import { isRange, type Space } from "../space/space.js";
import type { Plan } from "../results/types.js";
import { elided } from "./label.js";
import { searched } from "./own-options.js";

/** A plan whose points are searched: the same number of them for every contender. */
export async function withSearch(plan: Plan, request: SearchRequest, modelOptions: OptionSpecs): Promise<Plan> {
  const { model } = plan.base;
  const made = await searched({ ...plan.grid, ...request.space }, { model, modelOptions, contenders: plan.contenders });
  const ranges = Object.keys(made.space).filter((name) => isRange(made.space[name] as Space[string]));
  const strategy = request.strategy ?? (ranges.length > 0 ? "random" : "grid");
  const contenders = made.contenders.map((contender, k) => {
    const before = plan.contenders[k];
    // A label that was the pool as it is written stays so, but for what is searched now.
    return before?.label === before?.pool ? { ...contender, label: elided(contender.pool) } : contender;
  });
  const labelled = {
    ...plan,
    contenders,
    baseline: contenders[plan.contenders.findIndex(({ label }) => label === plan.baseline)]?.label ?? plan.baseline,
    ...(made.model !== model && { modelAt: made.model }),
  };
  if (strategy === "grid") {
    if (ranges.length === 0) return { ...labelled, grid: made.space as Plan["grid"] };
    const remedy = "give values, as in 0.1,0.01, or choose the strategy random or halving";
    throw optionError(`${ranges.join(", ")}: a range has no grid`, "strategy", remedy);
  }
  const { trials = 20, seed = 1 } = request;
  if (!Number.isSafeInteger(trials) || trials < 2)
    throw optionError(`trials is ${trials}`, "trials", "give a whole number from 2 up");
  if (strategy === "halving" && "epochs" in made.space)
    throw optionError(
      "epochs are searched, and halving gives them out",
      "search",
      "leave epochs out, or choose random",
    );
  const base = strategy === "halving" ? wholeSchedule(plan.base) : plan.base;
  return { ...labelled, base, grid: {}, search: { strategy, trials, seed, space: made.space } };
}

/** A schedule that ends with the run would end with each stage: it gets the length of the whole. */
function wholeSchedule(base: Plan["base"]): Plan["base"] {
  const { kind, ...given } = readSchedule(base.schedule);
  if ((kind !== "cosine" && kind !== "linear") || "epochs" in given) return base;
  const options = Object.entries({ ...given, epochs: base.epochs }).map(([name, value]) => `${name}=${value}`);
  return { ...base, schedule: `${kind}(${options.join(",")})` };
}
