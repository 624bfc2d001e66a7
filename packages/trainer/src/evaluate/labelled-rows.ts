import {
  addRow,
  evaluateClassification,
  evaluateRatings,
  evaluateSorted,
  type MetricReport,
  noRows,
  parseMetric,
  type RowChunk,
  type ValuesPerUser,
  valuesPerUser,
  valuesPerUserSorted,
} from "@gradpool/metrics";
import { type SortedRuns, sortedRuns } from "./runs.js";

/** Labelled rows of one task, collected and judged. */
export interface LabelledRows {
  readonly size: number;
  add(probability: number, label: number, user: number): void;
  /** Every metric of them. Exact, wherever they are kept. */
  judge(metrics: readonly string[]): MetricReport;
  perUser(metrics: readonly string[]): ValuesPerUser;
  close(): void;
}

/** Rows that are kept in memory, those of one task; more go to files. */
const standardLimit = 1 << 22;
/** Rows of a run: few enough to be sorted quickly. */
const runRows = 1 << 18;

/** `limit`: rows that are kept in memory. */
export function labelledRows(limit: number = standardLimit): LabelledRows {
  const held = growing(limit);
  const sums = noRows();
  const known = new Map<number, number>();
  let runs: SortedRuns | undefined;
  function spill(): void {
    const { size, probabilities, labels, places } = held.rows;
    const into = (runs ??= sortedRuns());
    for (let from = 0; from < size; from += runRows) {
      const to = Math.min(size, from + runRows);
      const part = { size: to - from, probabilities: probabilities.subarray(from, to) };
      into.write({ ...part, labels: labels.subarray(from, to), places: places.subarray(from, to) });
    }
    held.clear();
  }
  /** Null where all rows are in memory. */
  function sorted() {
    if (runs === undefined) return null;
    if (held.rows.size > 0) spill();
    const { chunks } = runs;
    return { users: Int32Array.from(known.keys()), sums, chunks };
  }
  return {
    get size() {
      return sums.rows;
    },
    add(probability, label, user) {
      addRow(sums, probability, label);
      let place = known.get(user);
      if (place === undefined) known.set(user, (place = known.size));
      held.add(probability, label, place);
      if (held.rows.size >= limit) spill();
    },
    judge(metrics) {
      const rows = sorted();
      return rows === null ? judgeHeld(inMemory(held.rows, known), metrics) : evaluateSorted(rows, metrics);
    },
    perUser(metrics) {
      const rows = sorted();
      return rows === null ? valuesPerUser(inMemory(held.rows, known), metrics) : valuesPerUserSorted(rows, metrics);
    },
    close: () => runs?.close(),
  };
}

function inMemory({ size, probabilities, labels, places }: RowChunk, known: ReadonlyMap<number, number>) {
  const ids = Int32Array.from(known.keys());
  return {
    probabilities: probabilities.subarray(0, size),
    labels: labels.subarray(0, size),
    users: places.subarray(0, size).map((place) => ids[place] as number),
  };
}

function judgeHeld(rows: ReturnType<typeof inMemory>, metrics: readonly string[]): MetricReport {
  const isError = (name: string): boolean => parseMetric(name).family === "rating";
  const classes = evaluateClassification({ ...rows, metrics: metrics.filter((name) => !isError(name)) });
  const { probabilities: predictions, labels: ratings } = rows;
  const errors = evaluateRatings({ predictions, ratings, metrics: metrics.filter(isError) });
  const values = { ...classes.values, ...errors.values };
  return {
    values: Object.fromEntries(metrics.map((name) => [name, values[name] as number])),
    undefined: [...classes.undefined, ...errors.undefined],
  };
}

/** Rows in arrays that grow up to `limit`. */
function growing(limit: number) {
  let room = Math.min(limit, 1 << 12);
  let rows = {
    size: 0,
    probabilities: new Float64Array(room),
    labels: new Uint8Array(room),
    places: new Int32Array(room),
  };
  function grow(): void {
    room = Math.min(limit, 2 * room);
    const { size, probabilities, labels, places } = rows;
    rows = { size, probabilities: new Float64Array(room), labels: new Uint8Array(room), places: new Int32Array(room) };
    rows.probabilities.set(probabilities);
    rows.labels.set(labels);
    rows.places.set(places);
  }
  return {
    get rows(): RowChunk {
      return rows;
    },
    add(probability: number, label: number, place: number): void {
      if (rows.size === room) grow();
      const at = rows.size++;
      rows.probabilities[at] = probability;
      rows.labels[at] = label;
      rows.places[at] = place;
    },
    clear: () => void (rows.size = 0),
  };
}
