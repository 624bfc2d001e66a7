import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@gradpool/core";
import { prepare } from "@gradpool/data";

const random = createRandom(15);
const pick = (count: number): number => random.int(count);
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, k) => k);
const [users, items] = [24, 18];

/** Pairs of users and items, each once. */
const pairs = (share: number): readonly (readonly [number, number])[] =>
  range(users).flatMap((user) =>
    range(items).flatMap((item) => (random.uniform() < share ? [[user, item] as const] : [])),
  );

const split = "random:0.6,0.2,0.2";

/** Tiny files in the layouts that the papers' data are published in, prepared: recipe → folder of the set. */
export async function preparedLayouts(folder: string): Promise<Readonly<Record<string, string>>> {
  const at = (name: string): string => join(folder, name);
  const write = (name: string, text: string): string => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(at(name), text);
    return at(name);
  };
  const behaviors = { buy: 0.4, cart: 0.4, fav: 0.3, pv: 0.5 };
  const log = Object.entries(behaviors).flatMap(([name, share]) =>
    pairs(share).map(([user, item]) => `${user + 1},${item + 1},${1 + (item % 3)},${name},${1511544070 + pick(9e5)}\n`),
  );
  write("UserBehavior.csv", log.join(""));
  await prepare({ format: "taobao", input: at("UserBehavior.csv"), target: "buy", split, out: at("taobao") });

  const rated = pairs(0.4).map(
    ([user, item]) => `${user + 1} ${item + 1} ${item % 4} ${1 + pick(5)} 2 ${100 + pick(99)}\n`,
  );
  write("epinions/rating.txt", rated.join(""));
  write("epinions/trust.txt", range(60).map(() => `${1 + pick(users)} ${1 + pick(users)}\n`).join("")); // prettier-ignore
  await prepare({ format: "epinions", input: at("epinions"), split, out: at("epinions-set") });

  const reviews = pairs(0.4).map(([user, item]) =>
    JSON.stringify({ reviewerID: `U${user}`, asin: `B${item}`, overall: 1 + pick(5), unixReviewTime: 1e9 + pick(9e6) }),
  );
  const also = (): readonly string[] => range(4).map(() => `B${pick(items)}`);
  const meta = range(items).map((item) =>
    JSON.stringify({ asin: `B${item}`, related: { also_viewed: also(), also_bought: also() } }),
  );
  write("games.json", reviews.join("\n"));
  write("meta.json", meta.join("\n"));
  await prepare({ format: "amazon", input: at("games.json"), meta: at("meta.json"), split, out: at("games") });
  await prepare({ format: "amazon", input: at("games.json"), split, out: at("office") });

  const flag = (): number => pick(2);
  const actions = range(500).map(() => {
    const [play, stay] = [pick(40_000), pick(50_000)];
    return [pick(users), pick(items), 1 + pick(14), 1 + pick(2), flag(), flag(), flag(), play, stay, flag(), flag(), flag(), flag()].join(","); // prettier-ignore
  });
  const head = "userid,feedid,date_,device,read_comment,comment,like,play,stay,click_avatar,forward,follow,favorite";
  write("wechat/user_action.csv", `${[head, ...actions].join("\n")}\n`);
  const feeds = range(items).map((item) => `${item},${item % 5},${5 + pick(30)},text,1,2`);
  write("wechat/feed_info.csv", `${["feedid,authorid,videoplayseconds,description,bgm_song_id,bgm_singer_id", ...feeds].join("\n")}\n`); // prettier-ignore
  await prepare({ format: "wechat", input: at("wechat"), out: at("wechat-set") });

  const shown = range(400).map(() => [pick(users), pick(items), flag(), flag(), flag()].join("\t"));
  write(
    "ads/ads.inter",
    `${["user_id:token\titem_id:token\tcvr:float\tconversion:float\tctr:float", ...shown].join("\n")}\n`,
  );
  const priced = range(items).map((item) => `${item}\t${item % 5}\t${random.uniform().toFixed(3)}`);
  write("ads/ads.item", `${["item_id:token\tslot:token\tprice:float", ...priced].join("\n")}\n`);
  const labels = ["cvr=cvr>=1", "conversion=conversion>=1", "ctr=ctr>=1"];
  await prepare({ format: "recbole", input: at("ads"), labels, out: at("ads-set") });
  return {
    thesis: at("taobao"),
    "thesis-relax": at("taobao"),
    "pmtrec-epinions": at("epinions-set"),
    "pmtrec-games": at("games"),
    "pmtrec-office": at("office"),
    gradcraft: at("wechat-set"),
    "gradcraft-tasks": at("wechat-set"),
    multibalance: at("ads-set"),
    "multibalance-tasks": at("wechat-set"),
  };
}
