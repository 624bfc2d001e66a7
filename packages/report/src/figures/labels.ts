export interface Labelled {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Gets its place before the others. */
  readonly first?: boolean;
}

export interface Place {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "middle" | "end";
}

/** Where a point's name stands, or a number in its stead where no name fits. */
export interface Placed extends Place {
  readonly text: string;
  readonly number?: number;
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

/** A name that covers more of other names and points than this share of itself cannot be read, nor can they. */
const bearable = 0.02;

/**
 * Beside each point, the first place where its name covers no other name or point. Where there is none, a number, to be explained
 * elsewhere: numbered in the order of the points.
 */
export function placeLabels(
  points: readonly Labelled[],
  inside: { readonly width: number; readonly height: number },
): readonly Placed[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  const placed = new Map<number, Placed>();
  const put = (k: number, text: string, number?: number): boolean => {
    const { place, box, covered } = bestPlace({ ...(points[k] as Labelled), text }, taken, k, inside);
    if (number === undefined && covered > bearable * areaOf(box)) return false;
    taken.push(box);
    placed.set(k, { ...place, text, ...(number !== undefined && { number }) });
    return true;
  };
  const inOrder = [...points.keys()].sort((a, b) => rankOf(points[a]) - rankOf(points[b]) || a - b);
  const crowded = inOrder.filter((k) => !put(k, (points[k] as Labelled).text)).sort((a, b) => a - b);
  crowded.forEach((k, n) => put(k, `${n + 1}`, n + 1));
  return points.map((_, k) => placed.get(k) as Placed);
}

const rankOf = (point: Labelled | undefined): number => (point?.first === true ? 0 : 1);

function bestPlace(
  point: Labelled,
  taken: readonly Box[],
  own: number,
  inside: { readonly width: number; readonly height: number },
) {
  const scored = candidates.map((place, order) => {
    const box = boxOf(point, place);
    const out =
      Math.max(0, -box.left) +
      Math.max(0, box.right - inside.width) +
      Math.max(0, -box.top) +
      Math.max(0, box.bottom - inside.height);
    const covered = taken.reduce((sum, other, j) => (j === own ? sum : sum + overlap(box, other)), 0);
    return { place, box, covered, cost: covered + 40 * out + 0.01 * order };
  });
  return scored.reduce((held, next) => (next.cost < held.cost ? next : held));
}

const areaOf = ({ left, right, top, bottom }: Box): number => (right - left) * (bottom - top);

function boxOf({ text, x, y }: Labelled, { dx, dy, anchor }: Place): Box {
  const width = 6.8 * text.length + 2;
  const left = x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
  return { left, right: left + width, top: y + dy - 6.5, bottom: y + dy + 6.5 };
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
