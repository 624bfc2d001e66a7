import type { ConformanceCase } from "./case.js";

/** The `describe` and `it` of vitest, jest, mocha or node:test. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  readonly it: ((name: string, body: () => void | Promise<void>) => unknown) & {
    skip(name: string, body: () => void | Promise<void>): unknown;
  };
}

/** Declares cases in a test runner, group by group. */
export function declare(
  title: string,
  cases: readonly ConformanceCase<void | Promise<void>>[],
  { describe, it }: Runner,
): void {
  describe(title, () => {
    for (const group of new Set(cases.map((item) => item.group))) {
      describe(group, () => {
        for (const item of cases.filter((other) => other.group === group)) {
          if (item.skip === undefined) it(item.name, () => item.run());
          else it.skip(item.name, () => item.run());
        }
      });
    }
  });
}
