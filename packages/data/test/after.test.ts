/** Sets that go on with the numbers of another one. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKeys, loadPrepared, loadVocabularies, prepare, type PrepareOptions, readManifest } from "../src/index.js";
import { refusal, scratch } from "./support.js";

const { folder, write, remove } = scratch();
afterAll(remove);

const rowOf = (k: number, users: number, cities: number): string =>
  `u${(k * 7) % users},${(k * 11) % 31},${k % 3 === 0 ? 1 : 0},c${(k * 5) % cities},t${k % (cities + 1)}|t0,${k % 50}`;
const log = (name: string, from: number, users: number, cities: number): string =>
  write(
    name,
    ["user,item,click,city,tags,price", ...Array.from({ length: 300 }, (_, k) => rowOf(from + k, users, cities))].join(
      "\n",
    ),
  );
const columns = {
  user: "user",
  item: "item",
  label: "click",
  features:
    "city+often=city:category(min=3)+tags:list(|)+bin=price:number(quantiles=4)+price:number+hashed=city:hash(16)",
};
const at = (name: string): string => join(folder, name);
const asked = (name: string, input: string, more: Partial<PrepareOptions> = {}): PrepareOptions => ({ format: "csv", input, columns, out: at(name), ...more }); // prettier-ignore

beforeAll(async () => {
  await prepare(asked("one", log("one.csv", 0, 20, 4)));
  await prepare(asked("two", log("two.csv", 1000, 33, 9), { after: at("one") }));
}, 60_000);

describe("a set behind another", () => {
  it("gives users, items and values their numbers of there, and new ones the next", async () => {
    const [one, two] = [await loadKeys(at("one")), await loadKeys(at("two"))];
    for (const side of ["users", "items"] as const) expect(two[side].slice(0, one[side].length)).toEqual(one[side]);
    expect(new Set(two.users).size).toBe(33);
    expect(two.users.slice(20)).toEqual(two.users.slice(20).sort());
    const [{ impression: held }, { impression: found }] = [await loadVocabularies(at("one")), await loadVocabularies(at("two"))]; // prettier-ignore
    for (const name of ["city", "tags"]) {
      expect(found[name]?.slice(0, held[name]?.length)).toEqual(held[name]);
      expect(found[name]).toHaveLength({ city: 10, tags: 11 }[name] as number);
    }
    expect(found["often"]).toEqual(held["often"]);
  });

  it("keeps bounds, and lets new texts of a frequent few be unknown", async () => {
    const featureOf = async (set: string, name: string) => (await readManifest(at(set))).tables.features.find((one) => one.name === name); // prettier-ignore
    for (const name of ["bin", "often"]) expect((await featureOf("two", name))?.encoding).toEqual((await featureOf("one", name))?.encoding); // prettier-ignore
    const { impressions } = await loadPrepared(at("two"));
    const often = impressions?.train.features.find(({ name }) => name === "often");
    const encoding = often?.encoding;
    const unknown = encoding?.kind === "category" ? encoding.unknown : undefined;
    expect(often?.kind === "one-hot" && [...often.ids].filter((id) => id === unknown).length).toBeGreaterThan(100);
  });

  it("is refused where features were read in another way, are missing, or numbers say nothing", async () => {
    const other = (features: string) => refusal(asked("wrong", at("two.csv"), { columns: { ...columns, features }, after: at("one") })); // prettier-ignore
    expect((await other(columns.features.replace("tags:list(|)", "tags:list(|,sum)"))).message).toMatch(/feature tags was read in another way/); // prettier-ignore
    expect((await other("city")).message).toMatch(/its feature often is none of these rows'/);
    expect((await other(`${columns.features}+user`)).message).toMatch(/it has no feature user/);
    expect((await refusal(asked("wrong", at("two.csv"), { after: at("nowhere") }))).code).toBe("not-found");
  });
});
