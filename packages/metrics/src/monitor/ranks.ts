/**
 * Evaluations by their mean rank over several metrics: among n of them that of the best value is 1, that of the worst n, and equal values
 * share the mean of their ranks. What one is worth depends on all the others, and changes as more come.
 *
 * Rows are evaluations, columns metrics, larger is better; a row with a NaN has no rank. Sums are kept as 2 · Σ ranks, whole numbers, so that equal
 * ones are equal.
 */
export type Rows = readonly (readonly number[])[];

const isWhole = (row: readonly number[]): boolean => !row.some(Number.isNaN);

/** What row b adds to twice the sum of row a's ranks: 2 for a metric in which b is better, 1 where both are equal. */
const above = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, m) => sum + (x < (b[m] as number) ? 2 : x === b[m] ? 1 : 0), 0);

/** The mean rank of each row; NaN without one. */
export function meanRanks(rows: Rows): readonly number[] {
  const whole = rows.filter(isWhole);
  // A row is equal to itself: half of 1 for each metric, where its rank is 1.
  return rows.map((row) =>
    isWhole(row) ? whole.reduce((sum, other) => sum + above(row, other), row.length) / (2 * row.length) : Number.NaN,
  );
}

/** For each beginning of the rows the index of the best of its mean ranks, the earliest of equals; -1 where none has one. */
export function leadersByRank(rows: Rows): readonly number[] {
  const sums: number[] = [];
  return rows.map((row, k) => {
    let own = Infinity;
    if (isWhole(row)) {
      own = 0;
      for (let j = 0; j < k; j++) {
        if (sums[j] === Infinity) continue;
        const other = rows[j] as readonly number[];
        own += above(row, other);
        sums[j] = (sums[j] as number) + above(other, row);
      }
    }
    sums.push(own);
    return sums.reduce((best, sum, j) => (sum < (best < 0 ? Infinity : (sums[best] as number)) ? j : best), -1);
  });
}

/**
 * The rows of which one will be the best, whatever rows follow: those that no other is at least as good as in every metric, of equal ones the
 * first. (What is nowhere below a row and somewhere above it has the lower mean rank among any rows; and for each of these
 * there are rows to follow that make it the best.)
 */
export const undominated = (rows: Rows): readonly number[] =>
  rows.flatMap((row, k) => {
    const beats = (other: readonly number[], j: number): boolean =>
      isWhole(other) &&
      other.every((y, m) => y >= (row[m] as number)) &&
      (j < k || other.some((y, m) => y > (row[m] as number)));
    return isWhole(row) && !rows.some((other, j) => j !== k && beats(other, j)) ? [k] : [];
  });
