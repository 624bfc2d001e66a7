/** The worked examples of vector stores in docs/use-a-trained-model.md give the lists of `recommend`. FAISS in $PEER_PYTHON. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { createRandom } from "@gradpool/core";
import { prepare } from "@gradpool/data";
import { exportRun, openRun, train } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const page = readFileSync(fileURLToPath(new URL("../../docs/use-a-trained-model.md", import.meta.url)), "utf8");
const [, stores = ""] = /^### Vector stores$([\s\S]*?)^## /m.exec(page) ?? [];
const blocks = (language: string): string[] =>
  [...stores.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
const [duckdb = "", toCsv = "", pgvector = ""] = blocks("sql");
const [faiss = ""] = blocks("python");

const python = process.env["PEER_PYTHON"] ?? "python3";
const hasFaiss = spawnSync(python, ["-c", "import faiss"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "gradpool-stores-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let ours: readonly string[];

beforeAll(async () => {
  const random = createRandom(4, 1);
  const customers = ["anna", "bob", "Zoë, the 3rd", ...Array.from({ length: 20 }, (_, k) => `user ${k}`)];
  const lines = customers.flatMap((customer) =>
    Array.from({ length: 12 }, () => `"${customer}","toy ""${Math.floor(40 * random.uniform())}"", red"`),
  );
  writeFileSync(at("log.csv"), `user,item\n${lines.join("\n")}\n`);
  await prepare({ format: "csv", input: [at("log.csv")], columns: { user: "user", item: "item" }, out: at("set") });
  await train({ config: { data: at("set"), epochs: 3, batch: 64, lr: 0.02, metrics: ["ndcg@10"] }, out: at("run") });
  const run = await openRun(at("run"));
  for (const [format, name] of [
    ["parquet", "vectors"],
    ["npy", "arrays"],
  ] as const)
    await exportRun(run, { format, out: at(`exported/${name}`) });
  const [list] = await run.recommend(["anna"], { k: 20, exclude: "none" });
  ours = (list?.items ?? []).map(({ item }) => item);
  run.dispose();
}, 120_000);

/** The document's relative paths are of the folder. */
async function inDuck(sql: string): Promise<readonly Record<string, unknown>[]> {
  const db = await DuckDBInstance.create();
  const connection = await db.connect();
  try {
    const here = sql.replaceAll(/'((?:exported\/|\w+\.csv)[^']*)/g, (_, path: string) => `'${at(path)}`);
    return (await connection.runAndReadAll(here)).getRowObjects();
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

describe("the document's examples find anna's twenty items, as recommend does, in", () => {
  it("DuckDB", async () => {
    expect(ours).toHaveLength(20);
    expect((await inDuck(duckdb)).map(({ id }) => id)).toEqual(ours);
  });

  it("PostgreSQL with pgvector", async () => {
    for (const statement of toCsv.trim().split("\n")) await inDuck(statement);
    const db = await PGlite.create({ extensions: { vector } });
    let found: readonly unknown[] = [];
    for (const line of pgvector.trim().split("\n")) {
      // \copy is psql's own: it reads the file and hands it over.
      const [, table = "", file = "", rest = ""] = /^\\copy (\w+) FROM '([^']+)' (.*)$/.exec(line) ?? [];
      const blob = file === "" ? undefined : new Blob([readFileSync(at(file))]);
      const { rows } = await db.query(blob === undefined ? line : `COPY ${table} FROM '/dev/blob' ${rest}`, [], { ...(blob && { blob }) }); // prettier-ignore
      if (line.startsWith("SELECT")) found = (rows as { readonly id: string }[]).map(({ id }) => id);
    }
    await db.close();
    expect(found).toEqual(ours);
  }, 120_000);

  it.skipIf(!hasFaiss)(`FAISS${hasFaiss ? "" : " (needs faiss in the Python of $PEER_PYTHON)"}`, () => {
    const { stdout, stderr } = spawnSync(python, ["-c", faiss], { cwd: folder, encoding: "utf8" });
    expect(stdout.trim().split("\n"), stderr).toEqual(ours);
  });
});
