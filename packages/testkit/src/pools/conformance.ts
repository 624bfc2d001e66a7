import { given, type GradientPool, type Method, type Properties } from "@gradpool/core";
import { check, type ConformanceCase } from "../case.js";
import { creator, variantLabel } from "./create.js";
import { declare, type Runner } from "../runner.js";
import { compositionCases } from "./composition.js";
import { failureCases } from "./failures.js";
import { type KnownAnswer, knownCase } from "./known.js";
import { numberCases } from "./numbers.js";
import { checkProperty, type PropertyOptions } from "./properties.js";
import { stateCases } from "./state.js";
import { structureCases } from "./structure.js";

const sentences: Record<keyof Properties, string> = {
  nonConflicting: "conflicts with no task",
  permutationEquivariant: "does not depend on the order of the tasks",
  scaleLinear: "scales with the gradients",
  taskScaleInvariant: "keeps its direction when one task is scaled",
  targetDescent: "descends for the target",
};

export interface ConformanceOptions extends PropertyOptions {
  /** Answers from a reference, hand or paper, that the method must give. */
  readonly known?: readonly KnownAnswer[];
}

/** Everything that the suite checks of a method, as a list: for runners without `describe` and `it`. */
export function conformanceCases(method: Method, options: ConformanceOptions = {}): ConformanceCase[] {
  const { known = [], ...properties } = options;
  return [
    ...structureCases(method),
    ...numberCases(method),
    ...stateCases(method),
    ...failureCases(method),
    ...compositionCases(method),
    ...known.map((answer) => knownCase(method, answer)),
    ...propertyCases(method, { ...given({ minTasks: method.minTasks }), ...properties }),
  ];
}

/** The declared properties, under the default options and under those of each variant; disclaimed ones are skipped. */
function propertyCases(method: Method, options: PropertyOptions): ConformanceCase[] {
  const create = creator(method);
  const cases = (properties: Partial<Properties>, suffix: string, make: () => GradientPool, own: PropertyOptions) =>
    (Object.entries(properties) as [keyof Properties, Properties[keyof Properties]][]).map(([property, declared]) =>
      check(
        "properties",
        `${sentences[property]}${suffix}`,
        () => checkProperty(make(), property, own),
        declared === true ? undefined : `disclaimed: ${declared}`,
      ),
    );
  return [
    ...cases(method.properties, "", () => create(), options),
    ...(method.variants ?? []).flatMap((variant) => {
      const own = variant.maxTasks === undefined ? options : { ...options, maxTasks: variant.maxTasks };
      const make = (): GradientPool => create(variant.options as Readonly<Record<string, unknown>>);
      return cases(variant.properties, ` with ${variantLabel(variant)}`, make, own);
    }),
  ];
}

/** Declares the whole suite in a test runner: `describeMethod(method, { describe, it })`. */
export function describeMethod(method: Method, runner: Runner, options: ConformanceOptions = {}): void {
  declare(`${method.name} conforms`, conformanceCases(method, options), runner);
}
