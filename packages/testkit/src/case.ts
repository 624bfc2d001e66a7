import type { GradientPool, Granularity, Method } from "@gradpool/core";

/** One check of the suite. Throws if the method fails it. */
export interface ConformanceCase {
  /** The part of the suite: "structure", "numbers", "state", "errors", "composition", "properties". */
  readonly group: string;
  /** A sentence; where skipped, with the reason. */
  readonly name: string;
  /** Why it does not apply to this method. */
  readonly skip?: string;
  run(): void;
}

export type CreatePool = (options?: Readonly<Record<string, unknown>>) => GradientPool;

/** The method's factory, free of its types: the suite gives it wrong options too. */
export function creator(method: Method): CreatePool {
  return (options) => method.create(options as object | undefined) as GradientPool;
}

/** A pool for every granularity that the method claims; one, without a label, where the question does not arise. */
export function poolsOf(
  method: Method,
): { readonly label: string; readonly granularity?: Granularity; make(): GradientPool }[] {
  const create = creator(method);
  if (method.granularities.length === 0 || method.options["granularity"] === undefined) {
    return [{ label: "", make: () => create() }];
  }
  return method.granularities.map((granularity) => ({
    label: ` per ${granularity}`,
    granularity,
    make: () => create({ granularity }),
  }));
}

export function check(group: string, name: string, run: () => void, skip?: string): ConformanceCase {
  return skip === undefined ? { group, name, run } : { group, name: `${name} (${skip})`, skip, run };
}

/** "every=epoch, up to 2 tasks": what a variant is named by. */
export function variantLabel({ options, maxTasks }: NonNullable<Method["variants"]>[number]): string {
  const given = Object.entries(options).map(([name, value]) => `${name}=${String(value)}`);
  return [...given, ...(maxTasks === undefined ? [] : [`up to ${maxTasks} tasks`])].join(", ");
}
