import type { ConformanceCase } from "@gradpool/testkit";

/** The names of the cases that fail, among those that apply. */
export async function failed(cases: readonly ConformanceCase<void | Promise<void>>[]): Promise<string[]> {
  const names: string[] = [];
  for (const item of cases) {
    if (item.skip !== undefined) continue;
    try {
      await item.run();
    } catch {
      names.push(item.name);
    }
  }
  return names;
}
