/** The K best (score, item) pairs offered so far; among equal scores the lower items. */
export interface TopHeap {
  clear(): void;
  /** The K-th best score; NaN while fewer than K pairs are held, so that no score is `<=` it. */
  threshold(): number;
  /** How many pairs offered are not held although they score as the K-th best does. */
  tied(): number;
  /** Takes a pair that is not below the threshold. Items must come in ascending order. */
  offer(score: number, item: number): void;
  /** Writes the pairs, best first, and empties the heap. Returns how many there were. */
  write(items: Int32Array, scores: Float32Array, at: number): number;
}

/** A binary heap in two typed arrays whose root ranks lowest. */
export function topHeap(k: number): TopHeap {
  const scores = new Float32Array(k);
  const items = new Int32Array(k);
  let size = 0;
  let limit = Number.NaN;
  let tied = 0;

  const below = (score: number, item: number, at: number): boolean =>
    score < scores[at]! || (score === scores[at]! && item > items[at]!);

  function place(at: number, score: number, item: number): void {
    scores[at] = score;
    items[at] = item;
  }

  function siftDown(end: number, score: number, item: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= end) break;
      if (child + 1 < end && below(scores[child + 1]!, items[child + 1]!, child)) child++;
      if (below(score, item, child)) break;
      place(hole, scores[child]!, items[child]!);
      hole = child;
    }
    place(hole, score, item);
  }

  function siftUp(score: number, item: number): void {
    let hole = size;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!below(score, item, parent)) break;
      place(hole, scores[parent]!, items[parent]!);
      hole = parent;
    }
    place(hole, score, item);
  }

  function clear(): void {
    size = 0;
    limit = Number.NaN;
    tied = 0;
  }

  return {
    clear,
    threshold: () => limit,
    tied: () => tied,
    offer(score, item) {
      if (size < k) {
        siftUp(score, item);
        size++;
        if (size === k) limit = scores[0]!;
      } else if (score === limit) tied++;
      else {
        siftDown(k, score, item);
        // What left the heap ties with the K-th best only while that score stays; all others outside are lower then.
        tied = scores[0]! === limit ? tied + 1 : 0;
        limit = scores[0]!;
      }
    },
    write(outItems, outScores, at) {
      const count = size;
      for (let last = size - 1; last > 0; last--) {
        const score = scores[last]!;
        const item = items[last]!;
        place(last, scores[0]!, items[0]!);
        siftDown(last, score, item);
      }
      outItems.set(items.subarray(0, count), at);
      outScores.set(scores.subarray(0, count), at);
      clear();
      return count;
    },
  };
}
