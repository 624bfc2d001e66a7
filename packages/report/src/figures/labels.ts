/** A point of a drawing and the name that stands beside it, in pixels; without text it only takes its room. */
export interface Labelled {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Keeps its name where others have to give theirs up. */
  readonly first?: boolean;
}

/** Where a name stands, from its point; `far`: so far that a line has to lead to it. */
export interface Place {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "middle" | "end";
  readonly far: boolean;
}

/** Where a point's name stands, or a number in its stead where there is no room for all names. */
export interface Placed extends Place {
  readonly text: string;
  readonly number?: number;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Half a point's width with its outline, and half a line of text. */
const dot = 6;
const halfLine = 6.5;
const lineHeight = 2 * halfLine;

/** Beside the point, above and below it, then one line further out at a time, then further aside: nearer is tried first. */
const candidates: readonly Place[] = [
  { dx: 9, dy: 0, anchor: "start", far: false },
  { dx: -9, dy: 0, anchor: "end", far: false },
  ...[1, 2, 3, 4, 5, 6].flatMap((line): readonly Place[] => {
    const far = line > 1;
    const dy = 12 + (line - 1) * lineHeight;
    return [{ dx: 0, dy: -dy, anchor: "middle", far }, { dx: 0, dy, anchor: "middle", far }, ...aside(8, dy, far)];
  }),
  ...[80, 160].flatMap((dx) => [0, 1, 2, 3, 4].flatMap((line) => aside(dx, line * lineHeight, true))),
];

/** To the right and to the left, above and below. */
function aside(dx: number, dy: number, far: boolean): readonly Place[] {
  return (dy === 0 ? [0] : [-dy, dy]).flatMap((down): readonly Place[] => [
    { dx, dy: down, anchor: "start", far },
    { dx: -dx, dy: down, anchor: "end", far },
  ]);
}

/** A name on another costs more than one on a point, and either more than any distance. */
const costOf = { label: 10_000, point: 3000, outside: 2000, line: 60, step: 1 };
const mostRounds = 4;

/**
 * Places the names of points inside a drawing of `width` × `height` pixels so that none covers another, or a point, or leaves the
 * drawing; near their points where they can be. Where there is no room for all, the longest of those in the way become numbers, to be
 * explained elsewhere, in the order of the points. The same points give the same places.
 */
export function placeLabels(points: readonly Labelled[], inside: Room): readonly Placed[] {
  const numbered = new Set<number>();
  for (;;) {
    const numbers = [...numbered].sort((a, b) => a - b);
    const shown = points.map((point, k) => (numbered.has(k) ? { ...point, text: `${numbers.indexOf(k) + 1}` } : point));
    const { places, inTheWay } = arrange(shown, inside);
    const next = inTheWay
      .filter((k) => !numbered.has(k))
      .sort((j, k) => rankOf(points[j]) - rankOf(points[k]))
      .slice(0, Math.ceil(inTheWay.length / 4));
    if (next.length === 0)
      return shown.map(({ text }, k): Placed => {
        const place = places.get(k) ?? (candidates[0] as Place);
        return { ...place, text, ...(numbered.has(k) && { number: numbers.indexOf(k) + 1 }) };
      });
    for (const k of next) numbered.add(k);
  }
}

/** Longest first, and those that keep their names behind all others. */
const rankOf = (point: Labelled | undefined): number => (point?.first === true ? 1e6 : 0) - (point?.text.length ?? 0);

/**
 * Each name takes the best of its places with the others where they stand, in rounds until none moves; where that ends with one name on
 * another, it begins with another order.
 */
function arrange(points: readonly Labelled[], inside: Room): Arranged {
  const named = [...points.keys()].filter((k) => points[k]?.text !== "");
  const at = (k: number): Labelled => points[k] as Labelled;
  const orders = [
    named,
    named.toSorted((j, k) => at(j).y - at(k).y),
    named.toSorted((j, k) => at(k).text.length - at(j).text.length),
    named.toSorted((j, k) => at(k).x - at(j).x),
  ];
  let best: Arranged | undefined;
  for (const order of orders) {
    const found = arrangeIn(order, points, inside);
    if (best === undefined || found.cost < best.cost) best = found;
    if (found.inTheWay.length === 0) break;
  }
  return best ?? { places: new Map(), cost: 0, inTheWay: [] };
}

interface Room {
  readonly width: number;
  readonly height: number;
}

interface Arranged {
  /** By the point's number. */
  readonly places: ReadonlyMap<number, Place>;
  readonly cost: number;
  /** Points whose names cover something, or leave the drawing. */
  readonly inTheWay: readonly number[];
}

function arrangeIn(order: readonly number[], points: readonly Labelled[], inside: Room): Arranged {
  const dots = points.map(({ x, y }): Box => ({ left: x - dot, right: x + dot, top: y - dot, bottom: y + dot }));
  const places = new Map<number, Place>();
  const standing = new Map<number, Drawn>();
  const costsOf = (k: number): CostOf => {
    const others = [...standing].flatMap(([j, other]) => (j === k ? [] : other));
    return costIn({ dots: dots.filter((_, j) => j !== k), others, inside }, points[k] as Labelled);
  };
  for (let round = 0, moved = true; moved && round < mostRounds; round++) {
    moved = false;
    for (const k of order) {
      const place = cheapest(costsOf(k));
      moved ||= place !== places.get(k);
      places.set(k, place);
      standing.set(k, drawn(points[k] as Labelled, place));
    }
  }
  const costs = order.map((k) => costsOf(k)(places.get(k) as Place));
  return {
    places,
    cost: costs.reduce((sum, cost) => sum + cost, 0),
    inTheWay: order.filter((_, k) => (costs[k] as number) >= costOf.outside),
  };
}

interface Surroundings {
  readonly dots: readonly Box[];
  readonly others: readonly Drawn[];
  readonly inside: Room;
}

type CostOf = (place: Place) => number;

function costIn({ dots, others, inside }: Surroundings, point: Labelled): CostOf {
  return (place) => {
    const mine = drawn(point, place);
    let sum = costOf.step * candidates.indexOf(place) + outsideCost(mine.box, inside);
    for (const other of dots) if (covers(mine.box, other)) sum += costOf.point;
    for (const other of others) {
      if (covers(mine.box, other.box)) sum += costOf.label;
      if (crosses(mine.line, other.box) || crosses(other.line, mine.box)) sum += costOf.line;
    }
    return sum;
  };
}

/** The first of the best. */
function cheapest(cost: CostOf): Place {
  let best = { place: candidates[0] as Place, cost: Infinity };
  for (const place of candidates) {
    const found = cost(place);
    if (found < best.cost) best = { place, cost: found };
  }
  return best.place;
}

interface Drawn {
  readonly box: Box;
  /** From the point to its name; null where they stand together. */
  readonly line: Line | null;
}

interface Line {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

function drawn(point: Labelled, place: Place): Drawn {
  const [x, y] = lineEnd(place);
  const line: Line = { from: [point.x, point.y], to: [point.x + x, point.y + y] };
  return { box: boxOf(point, place), line: place.far ? line : null };
}

/** Where the line to a name ends, from the point: at the near edge of the text. */
export const lineEnd = ({ dx, dy }: Place): readonly [x: number, y: number] => [
  dx,
  dy === 0 ? 0 : dy > 0 ? dy - halfLine : dy + halfLine,
];

/** The room that a name takes: letters of 11 pixels, by kinds of width, the widest weight of the fonts that pages ask for. */
export function boxOf({ text, x, y }: Labelled, { dx, dy, anchor }: Place): Box {
  const width = widthOf(text);
  const left = x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
  return { left, right: left + width, top: y + dy - halfLine, bottom: y + dy + halfLine };
}

function widthOf(text: string): number {
  let width = 2;
  for (const letter of text) width += /[.,:;'|!ijl()[\] ]/.test(letter) ? 4.2 : /[A-Z@%mw+=<>~]/.test(letter) ? 9 : 7;
  return width;
}

function outsideCost({ left, right, top, bottom }: Box, { width, height }: Room): number {
  const by = Math.max(0, -left) + Math.max(0, right - width) + Math.max(0, -top) + Math.max(0, bottom - height);
  return by === 0 ? 0 : costOf.outside * (1 + by);
}

const covers = (a: Box, b: Box): boolean =>
  Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);

/** Whether a line goes through a box: lines are short, and eight places of one tell. */
function crosses(line: Line | null, { left, right, top, bottom }: Box): boolean {
  if (line === null) return false;
  const { from, to } = line;
  if (Math.max(from[0], to[0]) < left || Math.min(from[0], to[0]) > right) return false;
  if (Math.max(from[1], to[1]) < top || Math.min(from[1], to[1]) > bottom) return false;
  return [1, 2, 3, 4, 5, 6, 7, 8].some((k) => {
    const [x, y] = [from[0] + (k / 8) * (to[0] - from[0]), from[1] + (k / 8) * (to[1] - from[1])];
    return x > left && x < right && y > top && y < bottom;
  });
}
