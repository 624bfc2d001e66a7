import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { loadKeys, loadPrepared, prepare, type PrepareOptions, type PreparedSet } from "../src/index.js";
import { parsePythonLiteral } from "../src/formats/python-literal.js";
import { openDuck, text } from "../src/tables/duck.js";
import { scratch } from "./support.js";

const disk = scratch();
afterAll(() => disk.remove());
let sets = 0;

async function made(options: Omit<PrepareOptions, "out">) {
  const out = `${disk.folder}/set-${sets++}`;
  const report = await prepare({ split: "random:1,0,0", ...options, out });
  const set = await loadPrepared(out);
  return { out, report, set, keys: await loadKeys(out) };
}

/** The training pairs of a behaviour in the source's ids, with values and times. */
function rows(
  { set, keys }: { set: PreparedSet; keys: Awaited<ReturnType<typeof loadKeys>> },
  behavior: string,
): string[] {
  const { offsets, items, values, times } = set.behaviors[behavior]?.train ?? {
    offsets: new Int32Array(1),
    items: new Int32Array(0),
  };
  return keys.users.flatMap((user, u) =>
    [...items.subarray(offsets[u], offsets[u + 1])].map((item, k) => {
      const at = (offsets[u] ?? 0) + k;
      return [user, keys.items[item], values?.[at], times?.[at]].filter((field) => field !== undefined).join(" ");
    }),
  );
}

const bag = (set: PreparedSet, feature: string, owner: number): number[] => {
  const found = [...set.itemFeatures, ...set.userFeatures].find((entry) => entry.name === feature);
  if (found?.kind === "multi-hot") return [...found.ids.subarray(found.offsets[owner], found.offsets[owner + 1])];
  return found?.kind === "one-hot" ? [found.ids[owner] as number] : [(found?.values[owner] as number) ?? -1];
};

describe("prepare --format taobao", () => {
  const clean = [
    "1,10,7,pv,100",
    "1,10,7,pv,90",
    "1,11,7,buy,120",
    "2,10,7,cart,100",
    "2,12,8,fav,130",
    "2,10,7,buy,99",
  ];

  it("keeps unique pairs per behaviour, with the time of the first event and the item's category", async () => {
    const shop = await made({ format: "taobao", input: disk.write("taobao/a.csv", clean.join("\n")) });
    expect(shop.report.behaviors).toEqual({
      buy: { raw: 2, pairs: 2, train: 2, valid: 0, test: 0 },
      cart: { raw: 1, pairs: 1, leaked: 0, train: 1 },
      pv: { raw: 2, pairs: 1, leaked: 0, train: 1 },
      fav: { raw: 1, pairs: 1, leaked: 0, train: 1 },
    });
    expect(rows(shop, "pv")).toEqual(["1 10 90"]);
    expect(shop.keys.items).toEqual(["10", "11", "12"]);
    expect([0, 1, 2].map((item) => bag(shop.set, "category", item)[0])).toEqual([1, 1, 2]);
    expect(shop.set.categories?.vocabulary).toBe(3);
  });

  it.each([
    ["CRLF line ends", clean.join("\r\n")],
    ["line ends of both kinds", `${clean.slice(0, 3).join("\r\n")}\n${clean.slice(3).join("\n")}`],
    ["a byte order mark", `\ufeff${clean.join("\n")}`],
    ["quoted fields", clean.map((line) => line.replace(/(\w+)/g, '"$1"')).join("\n")],
    ["blank lines and no line end", `${clean.join("\n\n")}`],
  ])("reads %s as the plain file", async (_name, content) => {
    const plain = await made({ format: "taobao", input: disk.write("taobao/plain.csv", clean.join("\n")) });
    const odd = await made({ format: "taobao", input: disk.write("taobao/odd.csv", content) });
    expect(odd.report.malformed).toBe(0);
    expect(odd.report.behaviors).toEqual(plain.report.behaviors);
    for (const behavior of ["buy", "cart", "pv", "fav"]) expect(rows(odd, behavior)).toEqual(rows(plain, behavior));
  });

  it("reads gzip", async () => {
    const zipped = await made({ format: "taobao", input: disk.write("taobao/a.csv.gz", gzipSync(clean.join("\n"))) });
    expect(zipped.report.behaviors["buy"]?.pairs).toBe(2);
  });

  it("counts malformed rows and shows the first five with their own line numbers, whatever follows them", async () => {
    const many = Array.from({ length: 2000 }, (_, k) => `${k},${k % 50},1,${k % 3 ? "pv" : "buy"},${k}`);
    const bad = new Map([
      [3, "1,2"],
      [10, "a,2,3,pv,4"],
      [11, "1,2,3,look,4"],
      [500, ",2,3,buy,4"],
      [501, '1,2,3,"buy,4'],
      [900, "1,2,3,buy,4,5"],
    ]);
    const lines = many.map((line, k) => bad.get(k + 1) ?? line);
    const { report } = await made({ format: "taobao", input: disk.write("taobao/bad.csv", lines.join("\n")) });
    expect(report.malformed).toBe(6);
    expect(report.malformedRows.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      "3: 2 columns, expected 5",
      '10: user is "a", not a whole number',
      '11: behavior is "look", not one of buy, cart, pv, fav',
      "500: user is empty",
      "501: a quote is left open or out of place",
    ]);
    const good = many.filter((_, k) => !bad.has(k + 1));
    expect(report.behaviors["buy"]?.raw).toBe(good.filter((line) => line.includes("buy")).length);
    expect(report.behaviors["pv"]?.raw).toBe(good.filter((line) => line.includes("pv")).length);
  });
});

describe("prepare --format edges", () => {
  it("takes any white space or commas, comments, ids that are words, and a third column as value", async () => {
    const buy = disk.write("edges/buy.txt", "# user item count\nann x 3\nbob\ty\t1\nann,x,5\n  007   x  2 \n7 y\n");
    const cart = disk.write("edges/cart.txt", "ann y\nbob x\n");
    const set = await made({ format: "edges", behaviors: { buy, cart } });
    expect(set.report.malformed).toBe(0);
    expect(rows(set, "buy")).toEqual(["007 x 2", "7 y NaN", "ann x 5", "bob y 1"]);
    expect(rows(set, "cart")).toEqual(["ann y", "bob x"]);
  });

  it("numbers ids in the order of numbers where they are numbers", async () => {
    const { keys } = await made({
      format: "edges",
      behaviors: { buy: disk.write("edges/n.txt", "10 2\n9 10\n100 1\n") },
    });
    expect(keys).toEqual({ users: ["9", "10", "100"], items: ["1", "2", "10"] });
  });

  it("keeps a behaviour in which the filters leave nothing, with its zero", async () => {
    const buy = disk.write("edges/b.txt", "1 1\n1 2\n2 1\n2 2\n");
    const { report } = await made({
      format: "edges",
      behaviors: { buy, fav: disk.write("edges/f.txt", "8 1\n9 2\n") },
      minUser: 2,
    });
    expect(report.behaviors["fav"]).toEqual({ raw: 2, pairs: 0, leaked: 0, train: 0 });
  });
});

describe("prepare --format recbole", () => {
  it("reads features by their types, the category, ratings, links and impressions with labels", async () => {
    disk.write(
      "rec/r.inter",
      "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t5\t10\nu1\ti2\t2\t11\nu2\ti1\t\t12\n",
    );
    disk.write(
      "rec/r.item",
      'item_id:token\ttitle:token_seq\tgenres:token_seq\tprice:float\ni1\tThe "One\tA B\t2.5\ni2\tTwo\tB\t\n',
    );
    disk.write("rec/r.user", "user_id:token\tage:token\nu1\t30\nu9\t99\n");
    disk.write("rec/r.net", "source_id:token\ttarget_id:token\nu1\tu2\nu1\tu1\nu1\tu9\n");
    const rec = await made({
      format: "recbole",
      input: `${disk.folder}/rec`,
      labels: ["like=rating>=4", "bad=rating<=2"],
    });
    expect(rows(rec, "interaction")).toEqual(["u1 i1 5 10", "u1 i2 2 11", "u2 i1 NaN 12"]);
    expect(bag(rec.set, "genres", 0)).toEqual([1, 2]);
    expect(bag(rec.set, "price", 0)).toEqual([2.5]);
    expect(rec.set.userFeatures[0]).toMatchObject({ name: "age", vocabulary: 2, ids: Int32Array.of(1, 0) });
    expect(rec.set.social).toEqual({ left: Int32Array.of(0), right: Int32Array.of(1) });
    expect(rec.set.manifest?.tables.category).toBe("genres");
    expect(rec.set.impressions?.train.labels.map((column) => [...column])).toEqual([
      [1, 0, 255],
      [0, 1, 255],
    ]);
  });
});

describe("prepare --format movielens", () => {
  it("reads the layout of 100K: tabs, bars and Latin-1", async () => {
    disk.write("ml1/u.data", "1\t1\t5\t100\n2\t1\t3\t101\n");
    const flags = Array.from({ length: 19 }, (_, k) => (k === 1 || k === 5 ? 1 : 0)).join("|");
    disk.write("ml1/u.item", Buffer.from(`1|Les Misérables "x|01-Jan-1995||http://a|${flags}\n`, "latin1"));
    disk.write("ml1/u.user", "1|24|M|technician|85711\n2|53|F|other|94043\n");
    const { set, report } = await made({ format: "movielens", input: `${disk.folder}/ml1` });
    expect(report.malformed).toBe(0);
    expect(bag(set, "genres", 0)).toHaveLength(2);
    expect(set.userFeatures.map((feature) => feature.name)).toEqual(["age", "gender", "occupation"]);
  });

  it("reads the layouts of 1M and of 20M", async () => {
    disk.write("ml2/ratings.dat", "1::1::5::100\n2::3::4::90\n");
    disk.write("ml2/movies.dat", Buffer.from("1::Toy Story: é (1995)::Animation|Comedy\n3::B::Drama\n", "latin1"));
    disk.write("ml2/users.dat", "1::F::1::10::48067\n2::M::56::16::70072\n");
    disk.write("ml3/ratings.csv", "userId,movieId,rating,timestamp\n1,1,5.0,100\n2,3,4.0,90\n");
    disk.write("ml3/movies.csv", 'movieId,title,genres\n1,"Toy, ""Story""\n(1995)",Animation|Comedy\n3,B,Drama\n');
    const old = await made({ format: "movielens", input: `${disk.folder}/ml2` });
    const recent = await made({ format: "movielens", input: `${disk.folder}/ml3` });
    for (const each of [old, recent]) {
      expect(rows(each, "interaction")).toEqual(["1 1 5 100", "2 3 4 90"]);
      expect([bag(each.set, "genres", 0), bag(each.set, "genres", 1)]).toEqual([[1, 2], [3]]);
    }
  });
});

describe("prepare --format amazon", () => {
  const review = (user: string, item: string, overall: number) =>
    JSON.stringify({ reviewerID: user, asin: item, overall, unixReviewTime: 1e9, reviewText: 'a "b",\nc' });

  it("reads reviews and the older metadata, which are Python dicts, gzipped", async () => {
    const reviews = disk.write(
      "amazon/r.json.gz",
      gzipSync(
        ["A1 B1 5", "A1 B2 3", "A2 B2 4"]
          .map((line) => review(...(line.split(" ") as [string, string, never])))
          .join("\n")
          .replace(/"overall":"(\d)"/g, '"overall":$1'),
      ),
    );
    const meta = disk.write(
      "amazon/m.json.gz",
      gzipSync(
        `{'asin': 'B1', 'title': "It's \\u00e9 \\'x\\'", 'price': 1.5, 'related': {'also_viewed': ['B2', 'ZZ'], 'also_bought': ['B2', 'B1']}, 'categories': [['Games', 'PC'], ['Games']]}\n{'asin': 'B2', 'brand': 'N', 'salesRank': {}, 'categories': [['PC']], 'x': None, 'y': True}\n`,
      ),
    );
    const { set, report, keys } = await made({ format: "amazon", input: reviews, meta });
    expect(keys.items).toEqual(["B1", "B2"]);
    expect(report.itemPairs).toEqual({ also_viewed: 1, also_bought: 1 });
    expect(set.itemPairs["also_viewed"]).toEqual({ left: Int32Array.of(0), right: Int32Array.of(1) });
    expect([bag(set, "category", 0), bag(set, "category", 1)]).toEqual([[1, 2], [2]]);
    expect([...(set.behaviors["review"]?.train.values ?? [])]).toEqual([5, 3, 4]);
  });

  it("reads the editions of 2018 and 2023", async () => {
    const old = disk.write("amazon/18.json", `${review("A", "X", 4)}\n${review("B", "Y", 2)}\n`);
    const meta = disk.write(
      "amazon/18meta.json",
      '{"asin":"X","also_view":["Y"],"also_buy":[],"category":["Toys","Cars"]}\n{"asin":"Y","category":[]}\n',
    );
    const recent = disk.write(
      "amazon/23.jsonl",
      '{"user_id":"A","parent_asin":"X","rating":4.0,"timestamp":1000000000000}\n{"user_id":"B","parent_asin":"Y","rating":2.0,"timestamp":1000000000000}\n',
    );
    const first = await made({ format: "amazon", input: old, meta });
    const second = await made({ format: "amazon", input: recent });
    expect(first.report.itemPairs).toEqual({ also_viewed: 1, also_bought: 0 });
    expect(rows(first, "review")).toEqual(rows(second, "review"));
  });

  it("takes Python literals apart, and nothing else", () => {
    expect(parsePythonLiteral(`{'a': [1, -2.5e3, (True, None)], "b'": u'\\x41\\n\\\\'}`)).toEqual({
      a: [1, -2500, [true, null]],
      "b'": "A\n\\",
    });
    for (const broken of ["{'a': }", "{'a' 1}", "['a'", "'a", "{'a': 1} x", "import os", ""])
      expect(parsePythonLiteral(broken)).toBeUndefined();
  });
});

describe("prepare --format epinions and lastfm", () => {
  it("reads ratings of 3 and of 6 columns with trust", async () => {
    disk.write("ep3/ratings_data.txt", "1 10 5\n2 10 3\n2 11 1\n");
    disk.write("ep3/trust_data.txt", " 1 2 1\n 2 1 1\n 1 9 1\n");
    disk.write("ep6/rating.txt", "  1  10  4  5  2  100\n  2  10  4  3  1  200\n  2  11  6  1  1  50\n");
    disk.write("ep6/trust.txt", "1 2\n2 1\n");
    const three = await made({ format: "epinions", input: `${disk.folder}/ep3` });
    const six = await made({ format: "epinions", input: `${disk.folder}/ep6` });
    expect(rows(three, "rate")).toEqual(["1 10 5", "2 10 3", "2 11 1"]);
    expect(rows(six, "rate")).toEqual(["1 10 5 100", "2 10 3 200", "2 11 1 50"]);
    expect([three.report.social, six.report.social]).toEqual([2, 2]);
    expect(bag(six.set, "category", 1)).toEqual([2]);
  });

  it("reads HetRec's own files and the split ones", async () => {
    disk.write("hetrec/user_artists.dat", "userID\tartistID\tweight\r\n2\t51\t13883\r\n2\t52\t11690\r\n3\t51\t7\r\n");
    disk.write("hetrec/user_friends.dat", "userID\tfriendID\r\n2\t3\r\n3\t2\r\n");
    disk.write("split/train.txt", "2\t51\t13883\n3\t51\t7\n");
    disk.write("split/test.txt", "2\t52\t11690\n");
    disk.write("split/trust.txt", "2\t3\n3\t2\n");
    const hetrec = await made({ format: "lastfm", input: `${disk.folder}/hetrec` });
    expect(rows(hetrec, "listen")).toEqual(["2 51 13883", "2 52 11690", "3 51 7"]);
    expect(hetrec.report.social).toBe(2);
    const out = `${disk.folder}/set-split`;
    const split = await prepare({ format: "lastfm", input: `${disk.folder}/split`, out });
    expect(split.behaviors["listen"]).toEqual({ raw: 3, pairs: 3, train: 2, valid: 0, test: 1 });
    expect(split.social).toBe(2);
  });
});

describe("prepare --format wechat", () => {
  it("makes six labels of play times, lengths and acts, and masks what is unknown", async () => {
    disk.write(
      "wechat/user_action.csv",
      "userid,feedid,date_,device,read_comment,comment,like,play,stay,click_avatar,forward,follow,favorite\n" +
        "8,71,1,1,0,0,1,2000,3000,0,0,0,0\n8,72,1,1,0,0,0,10000,12000,0,1,0,0\n9,71,2,2,0,0,0,30000,31000,0,0,1,0\n9,73,2,2,0,0,,19000,20000,0,0,0,0\n",
    );
    disk.write(
      "wechat/feed_info.csv",
      'feedid,authorid,videoplayseconds,description,bgm_song_id,bgm_singer_id\n71,5,20,"a,\nb",1,\n72,6,10,c,,2\n73,,,d,1,2\n',
    );
    const { set, report, keys } = await made({ format: "wechat", input: `${disk.folder}/wechat` });
    const shown = set.impressions?.train;
    const table = [...(shown?.users ?? [])].map((user, row) =>
      [
        keys.users[user],
        keys.items[shown?.items[row] as number],
        ...(shown?.labels ?? []).map((column) => column[row]),
      ].join(" "),
    );
    expect(set.impressions?.tasks).toEqual([
      "effective_view",
      "long_view",
      "complete_view",
      "like",
      "follow",
      "forward",
    ]);
    expect(table).toEqual(["8 71 0 0 0 1 0 0", "8 72 1 1 1 0 0 1", "9 71 1 1 1 0 1 0", "9 73 1 1 255 255 0 0"]);
    expect(report.behaviors["forward"]).toEqual({ raw: 1, pairs: 1, leaked: 0, train: 1 });
    expect(report.impressions?.labels["like"]).toEqual({ known: 3, positive: 1 });
    expect(shown?.features[0]).toMatchObject({ name: "device", vocabulary: 3 });
    const strict = await made({
      format: "wechat",
      input: `${disk.folder}/wechat`,
      wechat: { effectiveSeconds: 25, longSeconds: 40, completeRatio: 2 },
    });
    expect(
      ["effective_view", "long_view", "complete_view"].map((task) => strict.report.impressions?.labels[task]?.positive),
    ).toEqual([1, 2, 0]);
  });
});

describe("prepare --format csv and parquet", () => {
  it("reads named columns with several labels, missing ones masked, and features of the impression", async () => {
    const file = disk.write(
      "csv/a.csv",
      'who;what;click;buy;hour;note\nann;x;1;0;9;"a;b"\nann;y;0;;10;\nbob;x;1;1;9;"c\nd"\n',
    );
    const { set, report } = await made({
      format: "csv",
      input: file,
      columns: { user: "who", item: "what", label: "click+buy", features: "hour" },
      target: "click",
    });
    expect(report.behaviors).toEqual({
      click: { raw: 2, pairs: 2, train: 2, valid: 0, test: 0 },
      buy: { raw: 1, pairs: 1, leaked: 0, train: 1 },
    });
    expect(set.impressions?.train.labels.map((column) => [...column])).toEqual([
      [1, 0, 1],
      [0, 255, 1],
    ]);
    expect(set.impressions?.train.features[0]).toMatchObject({
      name: "hour",
      vocabulary: 3,
      ids: Int32Array.of(1, 2, 1),
    });
  });

  it("reads columns of numbers as numerical features of the impression, an empty cell as none", async () => {
    const file = disk.write(
      "csv/numbers.csv",
      "who,what,click,price,age,device\nann,x,1,2.5,30,a\nann,y,0,-1e1,,b\nbob,x,1,0,41,a\n",
    );
    const columns = { user: "who", item: "what", label: "click", features: "device", numbers: "price+age" };
    const { set } = await made({ format: "csv", input: file, columns });
    const features = set.impressions?.train.features ?? [];
    expect(features.map(({ name, kind }) => [name, kind])).toEqual([
      ["device", "one-hot"],
      ["price", "numerical"],
      ["age", "numerical"],
    ]);
    expect(features.slice(1)).toMatchObject([
      { values: Float32Array.of(2.5, -10, 0) },
      { values: Float32Array.of(30, NaN, 41) },
    ]);
    await expect(made({ format: "csv", input: file, columns: { ...columns, numbers: "cost" } })).rejects.toThrow(
      'there is no column "cost"',
    );
  });

  it("reads behaviours from a column, dates as times, and many files by a glob", async () => {
    disk.write("parts/1.csv", "u,i,what,when\n1,5,view,2024-01-02\n1,6,buy,2024-01-03\n");
    disk.write("parts/2.csv", "u,i,what,when\n2,5,buy,2024-01-01\n");
    const columns = { user: "u", item: "i", behavior: "what", time: "when" };
    const set = await made({ format: "csv", input: `${disk.folder}/parts/*.csv`, columns });
    expect(set.report.target).toBe("buy");
    expect(rows(set, "buy")).toEqual([`1 6 ${Date.UTC(2024, 0, 3) / 1000}`, `2 5 ${Date.UTC(2024, 0, 1) / 1000}`]);
  });

  it("reads partitioned Parquet, the partition as a column", async () => {
    const db = await openDuck();
    const folder = `${disk.folder}/lake`;
    await db.run(`COPY (SELECT * FROM (VALUES (1, 5, 'view', 10), (1, 6, 'buy', 11), (2, 5, 'buy', 12)) t(u, i, what, "when"))
      TO ${text(folder)} (FORMAT parquet, PARTITION_BY (what))`);
    db.close();
    const columns = { user: "u", item: "i", behavior: "what", time: "when" };
    const set = await made({ format: "parquet", input: folder, columns });
    expect(rows(set, "buy")).toEqual(["1 6 11", "2 5 12"]);
    expect(rows(set, "view")).toEqual(["1 5 10"]);
  });
});
