interface NodeProcess {
  getBuiltinModule?(id: string): unknown;
}

/** A Node module where there is one; never imported, so that browsers can load this package. */
export function builtin<T>(id: string): T | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.(id) as T | undefined;
}
