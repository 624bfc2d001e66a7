import type { TopK } from "@gradpool/metrics";
import type { ListColumns, UserList } from "./contract.js";

/** About so many rows at a time. */
export const rowsOfColumns = 65_536;

interface RankedLists {
  readonly users: readonly string[];
  /** Beside `users`; −1 for those that get the popular items. */
  readonly places: Int32Array;
  readonly top: TopK;
  /** The row of `top` of the first of them that is known. */
  readonly row: number;
  popular(): Int32Array;
}

/** Columns with room for `rows` rows, of which those up to `count` are filled. */
function columnsFor(rows: number, users: readonly string[], items: readonly string[]) {
  const made = {
    user: new Int32Array(rows),
    rank: new Int32Array(rows),
    item: new Int32Array(rows),
    score: new Float32Array(rows),
    known: new Uint8Array(rows),
  };
  const columns = (count: number): ListColumns["columns"] => [
    { words: users, codes: made.user.subarray(0, count) },
    made.rank.subarray(0, count),
    { words: items, codes: made.item.subarray(0, count) },
    made.score.subarray(0, count),
    made.known.subarray(0, count),
  ];
  return { ...made, columns };
}

/** Ranked users as columns, with `items` as the words of theirs. */
export function listColumns(items: readonly string[], { users, places, top, row, popular }: RankedLists): ListColumns {
  const { k } = top;
  const made = columnsFor(users.length * k, users, items);
  let [next, at] = [row, 0];
  for (let u = 0; u < users.length; u++) {
    const known = (places[u] as number) >= 0;
    const list = known ? top.items : popular();
    const from = known ? next++ * k : 0;
    const length = known ? k : list.length;
    for (let n = 0; n < length; n++) {
      const item = list[from + n] as number;
      if (item < 0) break;
      made.user[at] = u;
      made.rank[at] = n + 1;
      made.item[at] = item;
      made.score[at] = known ? (top.scores[from + n] as number) : Number.NaN;
      made.known[at++] = known ? 1 : 0;
    }
  }
  return { users: users.length, known: next - row, rows: at, columns: made.columns(at) };
}

/** Lists that are there as objects, as columns. */
export async function* columnsOfLists(lists: AsyncIterable<UserList>): AsyncGenerator<ListColumns> {
  for await (const { user, known, items } of lists) {
    const made = columnsFor(
      items.length,
      [user],
      items.map(({ item }) => item),
    );
    for (const [n, { score }] of items.entries()) {
      made.rank[n] = n + 1;
      made.item[n] = n;
      made.score[n] = score ?? Number.NaN;
      made.known[n] = known ? 1 : 0;
    }
    yield { users: 1, known: known ? 1 : 0, rows: items.length, columns: made.columns(items.length) };
  }
}
