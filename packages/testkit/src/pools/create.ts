import type { GradientPool, Granularity, Method } from "@gradpool/core";

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

/** "every=epoch, up to 2 tasks": what a variant is named by. */
export function variantLabel({ options, maxTasks }: NonNullable<Method["variants"]>[number]): string {
  const given = Object.entries(options).map(([name, value]) => `${name}=${String(value)}`);
  return [...given, ...(maxTasks === undefined ? [] : [`up to ${maxTasks} tasks`])].join(", ");
}
