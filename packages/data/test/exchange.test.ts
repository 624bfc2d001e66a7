import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readTable, type TableRow } from "../src/exchange/read.js";
import { writeTable } from "../src/exchange/write.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-exchange-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function all(path: string): Promise<TableRow[]> {
  const rows = [];
  for await (const row of readTable(path)) rows.push(row);
  return rows;
}

const columns = [
  { name: "user", type: "VARCHAR" },
  { name: "rank", type: "INTEGER" },
  { name: "score", type: "DOUBLE" },
  { name: "known", type: "BOOLEAN" },
] as const;

const strange = ['he said "no"', "a,b", "two\nlines", "Zoë 雪", "007", "null", "-"];

describe("a text table of somebody else's", () => {
  const path = join(folder, "theirs");
  const read = (ending: string, content: string | Uint8Array): Promise<TableRow[]> => {
    writeFileSync(`${path}${ending}`, content);
    return all(`${path}${ending}`);
  };

  it("as JSON keeps every value as it is written, of whatever kinds, under keys that come late", async () => {
    const written = ['"00012 6"', "12", "18446744073709551616", '"2024-1-1"', '"2024-01-01T10:00:00"', "1.0", "true", '"550E8400-E29B-41D4-A716-446655440000"']; // prettier-ignore
    const rows = await read(".jsonl", `${written.map((id) => `{"user":${id}}\n`).join("")}{"late":"x"}\n`);
    expect(rows.slice(0, -1).map(({ user }) => user)).toEqual(written.map((id) => id.replaceAll('"', "")));
    expect(rows.at(-1)).toEqual({ user: null, late: "x" });
  });

  it("is parted as its first line is, and refused by line where a row is not", async () => {
    expect(await read(".csv", "user;note\na;1,5\n")).toEqual([{ user: "a", note: "1,5" }]);
    expect(await read(".csv", "\ufeffuser\nanna\n")).toEqual([{ user: "anna" }]);
    expect(await read(".csv", '"user id",x\r\n5" nail,1\r\n"a ""b""\nc",\r\n')).toEqual([
      { "user id": '5" nail', x: "1" },
      { "user id": 'a "b"\nc', x: null },
    ]);
    expect(await read(".csv", ",a,A,a\n0,1,2,3\n")).toEqual([{ "column 1": "0", a: "1", A_: "2", a__: "3" }]);
    await expect(read(".csv", "user,item\na,b\na,b,c\n")).rejects.toThrow(
      /^the line has more or fewer cells than the first \(.*theirs\.csv:3\): put cells/,
    );
    await expect(read(".csv", "user\nLi, Mo\n")).rejects.toThrow(/theirs\.csv:2\): put cells/);
    await expect(read(".csv", 'user,item\n"a,b\n')).rejects.toThrow(/a quote has no end|more or fewer cells/);
    await expect(read(".jsonl", '{"user": 1}\n{"user": \n')).rejects.toThrow(/^it cannot be read: .*theirs\.jsonl/);
  });

  it.skipIf(process.platform === "win32")(
    "comes through a pipe as from a file, and is refused under its name",
    async () => {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      const through = (content: Buffer): Promise<TableRow[]> => {
        const found = all(pipe);
        createWriteStream(pipe).end(content);
        return found;
      };
      expect(await through(Buffer.from("anna\nLi, Mo\n"))).toEqual([{ value: "anna" }, { value: "Li, Mo" }]);
      await expect(through(Buffer.from("anna\nZo\u00eb\n", "latin1"))).rejects.toThrow(/pipe:2\): write it/);
    },
  );

  it("is refused with its line where its bytes are no UTF-8, whatever the kind", async () => {
    for (const ending of [".csv", ".jsonl", ".txt"]) {
      await expect(read(ending, Buffer.from('{"user": "a"}\n{"user": "Zo\u00eb"}\n', "latin1"))).rejects.toThrow(
        new RegExp(`^bytes that are not UTF-8 \\(.*theirs\\${ending}:2\\): write it as UTF-8`),
      );
    }
    await expect(all(folder)).rejects.toThrow(/^it is a folder/);
    expect(await read(".csv", "")).toEqual([]);
  });
});

describe.each(["parquet", "csv", "jsonl"])("a table as .%s", (format) => {
  const path = join(folder, `table.${format}`);

  it("comes back as it was written, names of any kind and in their order", async () => {
    const rows = strange.map((user, k) => [user, k, k === 2 ? null : k / 3, k % 2 === 0] as const);
    expect(await writeTable(path, columns, rows)).toBe(strange.length);
    const back = await all(path);
    expect(back.map(({ user }) => user)).toEqual(strange);
    expect(back.map(({ rank }) => rank)).toEqual(strange.map((_, k) => String(k)));
    expect(back.map(({ score }) => (score === null ? null : Number(score)))).toEqual(rows.map(([, , score]) => score));
    expect(back.map(({ known }) => known)).toEqual(rows.map(([, , , known]) => String(known)));
  });

  it("keeps the order of many rows", async () => {
    const count = 200_000;
    async function* rows() {
      for (let k = 0; k < count; k++) yield [`u${k}`, k, 0.5, true] as const;
    }
    await writeTable(path, columns, rows());
    let next = 0;
    for await (const { user } of readTable(path))
      if (user !== `u${next++}`) throw new Error(`${user} in place ${next}`);
    expect(next).toBe(count);
  });

  it("is not there, and nothing else is, when its rows fail", async () => {
    const broken = join(folder, `broken.${format}`);
    const failing = function* () {
      yield ["a", 1, 1, true] as const;
      throw new RangeError("no more");
    };
    await expect(writeTable(broken, columns, failing())).rejects.toThrow(/no more/);
    expect(readdirSync(folder).filter((name) => name.startsWith("broken"))).toEqual([]);
  });
});

describe("other files", () => {
  it("are lists, a line each, whatever it holds", async () => {
    writeFileSync(join(folder, "ids.txt"), 'a,b\n"q"\n7\n');
    expect((await all(join(folder, "ids.txt"))).map(({ value }) => value)).toEqual(["a,b", '"q"', "7"]);
  });

  it("are refused in one line where they are not there or no name of a table", async () => {
    await expect(all(join(folder, "none.csv"))).rejects.toThrow(/there is no file/);
    await expect(writeTable(join(folder, "x.xlsx"), columns, [])).rejects.toThrow(
      /give a file that ends in .parquet, .csv/,
    );
    await expect(writeTable(join(folder, "no", "x.csv"), columns, [])).rejects.toMatchObject({ code: "failed" });
    writeFileSync(join(folder, "bad.parquet"), "not parquet");
    await expect(all(join(folder, "bad.parquet"))).rejects.toMatchObject({ code: "damaged" });
    expect(readFileSync(join(folder, "ids.txt"), "utf8")).toContain("a,b");
  });
});
