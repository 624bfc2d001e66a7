import leven from "leven";

/** The known names closest to a mistyped one, best first; none that would be a far guess. */
export function nearest(name: string, known: readonly string[], most = 3): readonly string[] {
  const lower = name.toLowerCase();
  return known
    .map((candidate) => ({
      candidate,
      distance: candidate.startsWith(lower) && lower.length > 1 ? 0.5 : leven(lower, candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** "did you mean a, b or c?", or else what there is. */
export function didYouMean(name: string, known: readonly string[], otherwise: string): string {
  const close = nearest(name, known);
  if (close.length === 0) return otherwise;
  const last = close.at(-1) as string;
  return `did you mean ${close.length === 1 ? last : `${close.slice(0, -1).join(", ")} or ${last}`}?`;
}
