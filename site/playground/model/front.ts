import type { Objective, Panel } from "./landscape.js";

/** Points of the loss plane that no other point of a grid betters in both losses, by the first loss. Two tasks over one panel. */
export function paretoFront(
  objective: Objective,
  { range }: Panel,
  cells = 160,
): readonly (readonly [number, number])[] {
  const [left, right, bottom, top] = range;
  const found: [number, number][] = [];
  for (let i = 0; i <= cells; i++) {
    for (let j = 0; j <= cells; j++) {
      const x = left + ((right - left) * i) / cells;
      const y = bottom + ((top - bottom) * j) / cells;
      const [a, b] = objective([x, y]).losses as [number, number];
      if (Number.isFinite(a) && Number.isFinite(b)) found.push([a, b]);
    }
  }
  found.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  let best = Infinity;
  return found.filter(([, b]) => (b < best ? ((best = b), true) : false));
}

/** How far a point of the loss plane lies behind the front: the least of the larger of the two losses' excess over a front point. */
export function behindFront(losses: readonly number[], front: readonly (readonly [number, number])[]): number {
  return Math.max(
    0,
    Math.min(...front.map(([a, b]) => Math.max((losses[0] as number) - a, (losses[1] as number) - b))),
  );
}
