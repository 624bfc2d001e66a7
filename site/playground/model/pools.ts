import type { GradientPool, Method } from "@gradpool/core";

/** A method with options, as a reader chose it. */
export interface Choice {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Options that a choice sets, as in a specifier: `pcgrad(against=target)`. */
export function labelOf({ method, options }: Choice): string {
  const given = Object.entries(options).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join("|") : String(value)}`,
  );
  return given.length === 0 ? method : `${method}(${given.join(",")})`;
}

/** Makes the pool; throws the method's own error where an option does not fit. */
export function createPool(methods: readonly Method[], { method, options }: Choice): GradientPool {
  const found = methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`no method is called ${method}`);
  return found.create(options) as GradientPool;
}

/** Of what came with a link: known methods with plain options, at most 64. */
export function readChoices(value: unknown, methods: readonly Method[]): Choice[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 64).flatMap((entry: unknown) => {
    const { method, options } = (entry ?? {}) as Partial<Choice>;
    const known = methods.find(({ name }) => name === method);
    if (known === undefined || typeof options !== "object" || options === null) return [];
    const kept = Object.entries(options).filter(([name]) => Object.hasOwn(known.options, name));
    return [{ method: known.name, options: Object.fromEntries(kept) }];
  });
}
