import { createRandom } from "@gradpool/core";
import { type Impressions, noInteractions, type PreparedSet } from "@gradpool/data";

const users = 50;
const items = 40;

/** Rows with features of every kind: of the impression a category and a number with gaps, of the item any number of tags. */
export function impressionSet(): PreparedSet {
  const random = createRandom(9, 1);
  const draw = (count: number): number => Math.floor(count * random.uniform());
  const part = (size: number): Impressions => {
    const rows = Array.from({ length: size }, () => {
      const [user, item, place] = [draw(users), draw(items), draw(4)];
      const likely = user % 2 === item % 2 ? 0.7 : 0.25;
      const click = random.uniform() < likely ? 1 : 0;
      return { user, item, place, price: draw(12) === 0 ? NaN : 100 * random.uniform(), click, buy: click === 1 && draw(2) === 0 ? 1 : 0 }; // prettier-ignore
    });
    const column = (name: "click" | "buy"): Uint8Array => Uint8Array.from(rows, (row) => row[name]);
    return {
      size,
      users: Int32Array.from(rows, ({ user }) => user),
      items: Int32Array.from(rows, ({ item }) => item),
      labels: [column("click"), column("buy")],
      features: [
        { kind: "one-hot", name: "place", vocabulary: 4, ids: Int32Array.from(rows, ({ place }) => place) },
        { kind: "numerical", name: "price", values: Float32Array.from(rows, ({ price }) => price) },
      ],
    };
  };
  const counts = Array.from({ length: items }, () => draw(4));
  const offsets = Int32Array.from([0, ...counts]).map((_, k) => counts.slice(0, k).reduce((sum, n) => sum + n, 0));
  const ids = Int32Array.from(counts.flatMap((count, item) => Array.from({ length: count }, (_, k) => 1 + ((item + 2 * k) % 6)).sort((a, b) => a - b))); // prettier-ignore
  const empty = noInteractions(users);
  const target = { raw: 0, pairs: 0, train: 0, valid: 0, test: 0 };
  return {
    users,
    items,
    target: "click",
    behaviors: { click: { name: "click", train: empty, valid: empty, test: empty } },
    itemPairs: {},
    userFeatures: [],
    itemFeatures: [{ kind: "multi-hot", name: "tags", vocabulary: 7, offsets, ids }],
    impressions: { tasks: ["click", "buy"], train: part(4000), valid: part(800), test: part(1200) },
    counts: { click: target },
  };
}
