/** One check of a suite. Throws, or rejects, if what is checked fails it. */
export interface ConformanceCase<Outcome extends void | Promise<void> = void> {
  /** The part of the suite: "structure", "numbers", "state", … */
  readonly group: string;
  /** A sentence; where skipped, with the reason. */
  readonly name: string;
  /** Why it does not apply. */
  readonly skip?: string;
  run(): Outcome;
}

export function check<Outcome extends void | Promise<void>>(
  group: string,
  name: string,
  run: () => Outcome,
  skip?: string,
): ConformanceCase<Outcome> {
  return skip === undefined ? { group, name, run } : { group, name: `${name} (${skip})`, skip, run };
}
