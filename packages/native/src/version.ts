/** Release numbers of PEP 440, as far as TensorFlow's and NVIDIA's wheels use them: dotted integers and an optional pre-release. */
interface Parsed {
  readonly release: readonly number[];
  /** `rc1` and the like; the empty string for a final release. */
  readonly suffix: string;
}

const preRelease = /^(a|b|c|rc|dev|pre)/;

function parse(version: string): Parsed {
  const match = /^(\d+(?:\.\d+)*)(.*)$/.exec(version.split("+")[0] as string);
  return { release: (match?.[1] ?? "").split(".").map(Number), suffix: (match?.[2] ?? version).replace(/^[.-]/, "") };
}

/** Negative when `a` is older; a pre-release is older than its final release, a post-release newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (let k = 0; k < Math.max(left.release.length, right.release.length); k++) {
    const difference = (left.release[k] ?? 0) - (right.release[k] ?? 0);
    if (difference !== 0) return difference;
  }
  const rank = (suffix: string): string => `${suffix === "" ? 1 : preRelease.test(suffix) ? 0 : 2}${suffix}`;
  return rank(left.suffix) < rank(right.suffix) ? -1 : Number(rank(left.suffix) > rank(right.suffix));
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">=": (order) => order >= 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  "<": (order) => order < 0,
};

/** True when a version meets every clause of a comma-separated specifier; pre-releases only where `==` names them. */
export function satisfies(version: string, specifier: string): boolean {
  const clauses = specifier.split(",").filter((clause) => clause.trim() !== "");
  const pinned = clauses.some((clause) => clause.trim().startsWith("=="));
  if (!pinned && preRelease.test(parse(version).suffix)) return false;
  return clauses.every((clause) => {
    const match = /^\s*(==|!=|>=|<=|~=|>|<)\s*(.+?)\s*$/.exec(clause);
    if (match === null) return false;
    const [, operator = "", bound = ""] = match;
    if (bound.endsWith(".*")) return version.startsWith(bound.slice(0, -1)) === (operator === "==");
    if (operator === "~=")
      return compareVersions(version, bound) >= 0 && version.startsWith(`${bound.split(".").slice(0, -1).join(".")}.`);
    return operators[operator]?.(compareVersions(version, bound)) ?? false;
  });
}
