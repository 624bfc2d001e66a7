// A binary heap of (score, item) in two arrays, whose root ranks lowest.

/** True where (score, item) ranks below (otherScore, otherItem): lower score, or the same score and a higher item id. */
export function below(score: f32, item: i32, otherScore: f32, otherItem: i32): bool {
  return score < otherScore || (score == otherScore && item > otherItem);
}

/** Puts (score, item) at `hole` of a heap of `size` entries whose root ranks lowest, moving better entries up. */
export function siftDown(scores: usize, items: usize, size: i32, hole: i32, score: f32, item: i32): void {
  while (true) {
    let child = 2 * hole + 1;
    if (child >= size) break;
    let childScore = load<f32>(scores + ((<usize>child) << 2));
    let childItem = load<i32>(items + ((<usize>child) << 2));
    const right = child + 1;
    if (right < size) {
      const rightScore = load<f32>(scores + ((<usize>right) << 2));
      const rightItem = load<i32>(items + ((<usize>right) << 2));
      if (below(rightScore, rightItem, childScore, childItem)) {
        child = right;
        childScore = rightScore;
        childItem = rightItem;
      }
    }
    if (!below(childScore, childItem, score, item)) break;
    store<f32>(scores + ((<usize>hole) << 2), childScore);
    store<i32>(items + ((<usize>hole) << 2), childItem);
    hole = child;
  }
  store<f32>(scores + ((<usize>hole) << 2), score);
  store<i32>(items + ((<usize>hole) << 2), item);
}

export function siftUp(scores: usize, items: usize, hole: i32, score: f32, item: i32): void {
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const parentScore = load<f32>(scores + ((<usize>parent) << 2));
    const parentItem = load<i32>(items + ((<usize>parent) << 2));
    if (!below(score, item, parentScore, parentItem)) break;
    store<f32>(scores + ((<usize>hole) << 2), parentScore);
    store<i32>(items + ((<usize>hole) << 2), parentItem);
    hole = parent;
  }
  store<f32>(scores + ((<usize>hole) << 2), score);
  store<i32>(items + ((<usize>hole) << 2), item);
}
