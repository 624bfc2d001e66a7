/** A point of a drawing and the name that stands beside it, in pixels; without text it only takes its room. */
export interface Labelled {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** Where a name stands, from its point; `far`: so far that a line has to lead to it. */
export interface Place {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "middle" | "end";
  readonly far: boolean;
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
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((line): readonly Place[] => {
    const far = line > 1;
    const dy = 12 + (line - 1) * lineHeight;
    return [{ dx: 0, dy: -dy, anchor: "middle", far }, { dx: 0, dy, anchor: "middle", far }, ...aside(8, dy, far)];
  }),
  ...[80, 160].flatMap((dx) => [0, 1, 2, 3, 4, 5, 6].flatMap((line) => aside(dx, line * lineHeight, true))),
];

/** To the right and to the left, above and below. */
function aside(dx: number, dy: number, far: boolean): readonly Place[] {
  return (dy === 0 ? [0] : [-dy, dy]).flatMap((down): readonly Place[] => [
    { dx, dy: down, anchor: "start", far },
    { dx: -dx, dy: down, anchor: "end", far },
  ]);
}

/** A name on another costs more than one on a point, and either more than any distance. */
const costOf = { label: 1000, point: 300, outside: 200, line: 60, step: 1 };
const mostRounds = 8;

/**
 * Places the names of points inside a drawing of `width` × `height` pixels so that none covers another, or a point, or leaves the
 * drawing, as far as there is room; near their points where they can be. Each takes the best of its places with the others where they
 * stand, in rounds until none moves; where that ends with one name on another, it begins with another order. The same points give the
 * same places.
 */
export function placeLabels(points: readonly Labelled[], inside: Room): readonly Place[] {
  const named = [...points.keys()].filter((k) => points[k]?.text !== "");
  const at = (k: number): Labelled => points[k] as Labelled;
  const orders = [
    named,
    named.toSorted((j, k) => at(j).y - at(k).y),
    named.toSorted((j, k) => at(k).y - at(j).y),
    named.toSorted((j, k) => at(k).text.length - at(j).text.length),
    named.toSorted((j, k) => at(j).x - at(k).x),
    named.toSorted((j, k) => at(k).x - at(j).x),
  ];
  let best: Placed | undefined;
  for (const order of orders) {
    const found = placedIn(order, points, inside);
    if (best === undefined || found.cost < best.cost) best = found;
    if (found.clear) break;
  }
  return points.map((_, k) => best?.places.get(k) ?? (candidates[0] as Place));
}

interface Room {
  readonly width: number;
  readonly height: number;
}

interface Placed {
  /** By the point's number. */
  readonly places: ReadonlyMap<number, Place>;
  readonly cost: number;
  /** Nothing is covered, and nothing leaves the drawing. */
  readonly clear: boolean;
}

function placedIn(order: readonly number[], points: readonly Labelled[], inside: Room): Placed {
  const dots = points.map(({ x, y }): Box => ({ left: x - dot, right: x + dot, top: y - dot, bottom: y + dot }));
  const places = new Map<number, Place>();
  const findBest = (k: number): { readonly place: Place; readonly cost: number } => {
    const others = [...places].flatMap(([j, place]) => (j === k ? [] : drawn(points[j] as Labelled, place)));
    return cheapest(points[k] as Labelled, k, { dots, others, inside });
  };
  for (let round = 0, moved = true; moved && round < mostRounds; round++) {
    moved = false;
    for (const k of order) {
      const { place } = findBest(k);
      moved ||= place !== places.get(k);
      places.set(k, place);
    }
  }
  const costs = order.map((k) => findBest(k).cost);
  return {
    places,
    cost: costs.reduce((sum, cost) => sum + cost, 0),
    clear: costs.every((cost) => cost < costOf.outside),
  };
}

interface Surroundings {
  readonly dots: readonly Box[];
  readonly others: readonly Drawn[];
  readonly inside: Room;
}

function cheapest(
  point: Labelled,
  k: number,
  { dots, others, inside }: Surroundings,
): { readonly place: Place; readonly cost: number } {
  const cost = (place: Place, order: number): number => {
    const mine = drawn(point, place);
    let sum = costOf.step * order + outsideCost(mine.box, inside);
    dots.forEach((other, j) => {
      if (j !== k && covers(mine.box, other)) sum += costOf.point;
    });
    for (const other of others) {
      if (covers(mine.box, other.box)) sum += costOf.label;
      if (crosses(mine.line, other.box) || crosses(other.line, mine.box)) sum += costOf.line;
    }
    return sum;
  };
  let best = { place: candidates[0] as Place, cost: Infinity };
  candidates.forEach((place, order) => {
    const found = cost(place, order);
    if (found < best.cost) best = { place, cost: found };
  });
  return best;
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
  return [1, 2, 3, 4, 5, 6, 7, 8].some((k) => {
    const [x, y] = [from[0] + (k / 8) * (to[0] - from[0]), from[1] + (k / 8) * (to[1] - from[1])];
    return x > left && x < right && y > top && y < bottom;
  });
}
