/** Ids and cells in types of Parquet that could be taken for something else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPrepared, prepare } from "../src/index.js";
import { openDuck, type Duck, text } from "../src/tables/duck.js";
import { refusal, scratch } from "./support.js";

const disk = scratch();
let db: Duck;
beforeAll(async () => {
  db = await openDuck();
});
afterAll(() => {
  db.close();
  disk.remove();
});

/** A file of 400 rows: 20 users, whose id is made by an expression over k and range, and 23 items. */
async function request(name: string, user: string, more = "", columns: Record<string, string> = {}) {
  const input = `${disk.folder}/${name}.parquet`;
  const select = `SELECT ${user} AS u, range * 7 % 23 AS i ${more} FROM (SELECT range, range % 20 AS k FROM range(400))`;
  await db.run(`COPY (${select}) TO ${text(input)} (FORMAT parquet)`);
  const out = `${disk.folder}/${name}`;
  return { format: "parquet", input, columns: { user: "u", item: "i", ...columns }, out } as const;
}

describe("ids in a column of floats, as data frames write those with gaps", () => {
  it("are the whole numbers that they are, and NaN is nobody", async () => {
    const options = await request("gaps", "CASE WHEN range = 3 THEN 'nan'::DOUBLE ELSE k::DOUBLE END");
    const report = await prepare(options);
    expect(report.malformedRows).toEqual([expect.objectContaining({ line: 4, reason: "u is empty" })]);
    const set = await loadPrepared(options.out);
    expect(set.users).toBe(20);
    const written = await db.rows(`SELECT DISTINCT id FROM read_parquet(${text(`${options.out}/users.parquet`)})`);
    expect(written.map(([id]) => String(id)).sort()).toEqual(Array.from({ length: 20 }, (_, k) => String(k)).sort());
  });

  it.each([
    ["DOUBLE", "9007199254740992 + k"],
    ["FLOAT", "16777216 + k"],
    ["DOUBLE", "1e300 * (k + 1)"],
    ["DOUBLE", "'infinity'"],
  ])("that %s cannot tell apart (%s) are refused: they would be one person", async (type, user) => {
    const { message } = await refusal(await request("large", `(${user})::${type}`));
    expect(message).toMatch(/400 of 400 rows.*u is ".*", a float too large to be exact: write ids as integers or text/);
  });
});

describe("columns of several values a row", () => {
  it.each([
    ["an id", ["[k]", ""], {}],
    ["a structure as id", ["{'a': k}", ""], {}],
    ["a feature", ["k", ", [range, k] AS tags"], { features: "tags" }],
  ] as const)("are refused as %s, with their type", async (name, [user, more], columns) => {
    const { code, message } = await refusal(await request(`nested-${name.replaceAll(" ", "-")}`, user, more, columns));
    expect(code).toBe("invalid-input");
    expect(message).toMatch(/"(u|tags)" holds several values a row \((BIGINT\[\]|STRUCT\(a BIGINT\))\)/);
  });

  it("do not matter where nobody asked for them", async () => {
    const report = await prepare(await request("unasked", "k", ", [range, k] AS tags"));
    expect(report.malformed).toBe(0);
  });
});
