import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { generateShop, writePrepared } from "@gradpool/data";
import { train } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradpool } from "../src/gradpool.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-trained-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in this process. */
async function ran(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof text) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text[name] += chunk.toString();
        done();
      },
    });
  const streams = { stdout: sink("stdout"), stderr: sink("stderr"), stdin: process.stdin };
  return { code: await gradpool(args, streams), ...text };
}

beforeAll(async () => {
  await writePrepared(generateShop({ users: 80, items: 60 }), at("set"));
  const common = { data: at("set"), epochs: 2, batch: 64, metrics: ["ndcg@10"] };
  await train({ config: { ...common, pool: "pcgrad" }, out: at("one") });
  await train({ config: { ...common, pool: "ew", model: "mf(loss=bce)" }, out: at("two") });
  rmSync(at("set"), { recursive: true });
}, 120_000);

describe("gradpool recommend", () => {
  it("writes a list for each user in the order of the file, new ones marked", async () => {
    writeFileSync(at("users.txt"), "3\nsomebody\n41\n");
    const { code, stdout } = await ran(
      "recommend",
      at("one"),
      "--users",
      at("users.txt"),
      "--k",
      "2",
      "--out",
      at("a.csv"),
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining("new users, who get the popular items: 1")]);
    const rows = readFileSync(at("a.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(rows[0]).toEqual(["user", "rank", "item", "score", "known"]);
    expect(rows.slice(1).map(([user, rank, , , known]) => [user, rank, known])).toEqual([
      ["3", "1", "true"],
      ["3", "2", "true"],
      ["somebody", "1", "false"],
      ["somebody", "2", "false"],
      ["41", "1", "true"],
      ["41", "2", "true"],
    ]);
  });

  it("leaves out a file's pairs, and chooses among a file's items", async () => {
    writeFileSync(at("stock.csv"), "item\n5\n6\n7\n");
    writeFileSync(at("no.csv"), "user,item\n3,6\n");
    const flags = ["--users", "3", "--k", "3", "--candidates", at("stock.csv"), "--exclude", at("no.csv")];
    const { code } = await ran("recommend", at("one"), ...flags, "--out", at("b.jsonl"));
    expect(code).toBe(0);
    const items = readFileSync(at("b.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).item);
    expect(items.sort()).toEqual(["5", "7"]);
  });

  it("says in one line what is wrong, and leaves nothing behind", async () => {
    const refused = async (...args: readonly string[]) => {
      const { code, stderr } = await ran("recommend", ...args, "--out", at("c.csv"));
      expect(stderr.trim().split("\n")).toHaveLength(1);
      return [code, stderr];
    };
    expect(await refused(at("one"), "--users", "a,b")).toEqual([2, expect.stringContaining("none of the 2 users")]);
    expect(await refused(at("one"), "--users", "all", "--k", "61")).toEqual([
      2,
      expect.stringContaining("has 60 items"),
    ]);
    expect(await refused(at("one"), "--users", "userz.txt")).toEqual([2, expect.stringContaining("no file userz.txt")]);
    expect(await refused(at("one"), "--users", folder)).toEqual([2, expect.stringContaining("is a folder")]);
    expect(await refused(at("none"), "--users", "all")).toEqual([1, expect.stringContaining("there is no run")]);
    expect(readdirSync(folder).filter((name) => name.startsWith("c.csv"))).toEqual([]);
  });
});

describe("gradpool evaluate", () => {
  it("puts runs side by side, and tests their difference over users", async () => {
    const { code, stdout } = await ran("evaluate", at("one"), at("two"), "--metrics", "ndcg@5,hr@10", "--json");
    expect(code).toBe(0);
    const { runs, tests } = JSON.parse(stdout);
    expect(runs).toHaveLength(2);
    const [first, second] = runs.map((run: { tasks: { buy: Record<string, number> } }) => run.tasks.buy["ndcg@5"]);
    expect(tests[0]).toMatchObject({ task: "buy", metric: "ndcg@5", run: at("two"), baseline: at("one") });
    expect(tests[0].difference).toBeCloseTo(second - first, 12);
  });

  it("judges by a file of pairs, its columns named", async () => {
    writeFileSync(at("next.csv"), "who,what\n3,5\nsomebody,5\n");
    const flags = ["--file", at("next.csv"), "--columns", "user=who,item=what", "--metrics", "hr@60"];
    const { stdout, stderr } = await ran("evaluate", at("one"), ...flags, "--json");
    expect(JSON.parse(stdout).runs[0]).toMatchObject({ users: 1, unknown: 1 });
    writeFileSync(at("others.csv"), "user,item\nsomebody,5\n");
    const others = await ran("evaluate", at("one"), "--file", at("others.csv"));
    expect([others.code, others.stderr]).toEqual([
      1,
      expect.stringContaining("none of the pairs is of a user and an item that the run knows"),
    ]);
    writeFileSync(at("nobody.csv"), "");
    const nobody = await ran("evaluate", at("one"), "--file", at("nobody.csv"));
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("there are no pairs")]);
    expect(stderr).toContain("users or items that it does not know are in 1 row");
  });
});

describe("gradpool predict and similar", () => {
  it("write the input's rows with each task's probability, and count what is new", async () => {
    writeFileSync(at("rows.csv"), 'note,user,item\n"a, b",3,5\n,somebody,5\n');
    const { stdout } = await ran("predict", at("two"), "--input", at("rows.csv"), "--out", at("p.csv"), "--json");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2, unknown: { user: 1 } });
    const lines = readFileSync(at("p.csv"), "utf8").trim().split("\n");
    expect(lines[0]).toMatch(/^note,user,item,buy/);
    expect(lines[1]).toMatch(/^"a, b",3,5,0\.\d+/);
    const order = await ran("predict", at("one"), "--input", at("rows.csv"), "--out", at("q.csv"));
    expect([order.code, order.stderr]).toEqual([1, expect.stringContaining("not probabilities")]);
  });

  it("refuse to read a table from a file whose name is a list's", async () => {
    writeFileSync(at("rows.txt"), "user,item\n3,5\n");
    const { code, stderr } = await ran("predict", at("two"), "--input", at("rows.txt"), "--out", at("t.csv"));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/not that of a table \(.*rows\.txt\): give .*\.csv/)]);
    expect(readdirSync(folder)).not.toContain("t.csv");
  });

  it("write the items alike", async () => {
    const { code } = await ran("similar", at("one"), "--items", "5,6", "--k", "3", "--out", at("s.parquet"));
    expect([code, readFileSync(at("s.parquet")).subarray(0, 4).toString()]).toEqual([0, "PAR1"]);
  });
});
