/** Where something stands to a front: ahead of one of its points, behind one, or beside them all. */
export type Standing = "ahead" | "beside" | "behind";

/** Values of a point, and along each whether more is better (1) or less (−1). */
type Values = readonly number[];

const dominates = (a: Values, b: Values, signs: Values): boolean => {
  const gains = a.map((value, k) => (signs[k] as number) * (value - (b[k] as number)));
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
};

/** The points that no other is at least as good as in everything, and better in something. */
export const frontOf = (points: readonly Values[], signs: Values): readonly Values[] =>
  points.filter((one) => !points.some((other) => dominates(other, one, signs)));

/** Behind where a point of the front is better in something and worse in nothing, ahead where it is so of one of them. */
export function standing(point: Values, front: readonly Values[], signs: Values): Standing {
  if (front.some((other) => dominates(other, point, signs))) return "behind";
  return front.some((other) => dominates(point, other, signs)) ? "ahead" : "beside";
}
