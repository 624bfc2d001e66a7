export interface Labelled {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface Place {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "middle" | "end";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const candidates: readonly Place[] = [
  { dx: 9, dy: 0, anchor: "start" },
  { dx: -9, dy: 0, anchor: "end" },
  { dx: 0, dy: -12, anchor: "middle" },
  { dx: 0, dy: 13, anchor: "middle" },
  { dx: 8, dy: -11, anchor: "start" },
  { dx: 8, dy: 12, anchor: "start" },
  { dx: -8, dy: -11, anchor: "end" },
  { dx: -8, dy: 12, anchor: "end" },
  { dx: 9, dy: -22, anchor: "start" },
  { dx: 9, dy: 23, anchor: "start" },
  { dx: -9, dy: -22, anchor: "end" },
  { dx: -9, dy: 23, anchor: "end" },
];

/** Beside each point, the first place where its name covers no other name or point; the least crowded one if there is none. */
export function placeLabels(
  points: readonly Labelled[],
  inside: { readonly width: number; readonly height: number },
): readonly Place[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  return points.map((point, k) => {
    const scored = candidates.map((place, order) => {
      const box = boxOf(point, place);
      const out =
        Math.max(0, -box.left) +
        Math.max(0, box.right - inside.width) +
        Math.max(0, -box.top) +
        Math.max(0, box.bottom - inside.height);
      const covered = taken.reduce((sum, other, j) => (j === k ? sum : sum + overlap(box, other)), 0);
      return { place, box, cost: covered + 40 * out + 0.01 * order };
    });
    const best = scored.reduce((held, next) => (next.cost < held.cost ? next : held));
    taken.push(best.box);
    return best.place;
  });
}

function boxOf({ text, x, y }: Labelled, { dx, dy, anchor }: Place): Box {
  const width = 6.4 * text.length + 2;
  const left = x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
  return { left, right: left + width, top: y + dy - 6.5, bottom: y + dy + 6.5 };
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
