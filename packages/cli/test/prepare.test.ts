import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { prepareCommand } from "../src/commands/prepare.js";
import { main } from "../src/terminal/main.js";

const folder = mkdtempSync(join(tmpdir(), "prepare-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (path: string): string => fileURLToPath(new URL(`../../data/test/fixtures/${path}`, import.meta.url));

function sink() {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: false, columns: 100 }), text: () => text };
}

/** Runs `gradpool prepare` with these arguments. */
async function prepare(...args: readonly string[]) {
  const [stdout, stderr] = [sink(), sink()];
  const entry = { summary: prepareCommand.summary, load: async () => prepareCommand };
  const streams = { stdout: stdout.stream, stderr: stderr.stream } as never;
  const code = await main(["prepare", ...args], { prepare: entry } as never, "0.0.0", streams);
  return { code, out: stdout.text(), err: stderr.text() };
}

const dates = [
  "--format",
  "csv",
  fixture("times/dates-dmy.csv"),
  "--columns",
  "user=customer_id,item=article_id,time=t_dat",
];

describe("prepare", () => {
  it("says what is wrong with the flags that mend it", async () => {
    const { code, err } = await prepare(...dates, "--out", `${folder}/a`);
    expect(code).toBe(1);
    expect(err).toMatch(/dates-dmy\.csv:2 t_dat is "01\/01\/2020 10:05", not a time: --time-format can say/);
    const latin = ["--format", "csv", fixture("encodings/latin1.csv"), "--columns", "user=user,item=item"];
    expect((await prepare(...latin, "--out", `${folder}/a`)).err).toMatch(
      /not UTF-8 \(.*latin1\.csv:2\): name the file's --encoding/,
    );
    const filtered = await prepare(...latin, "--encoding", "latin1", "--min-user", "99", "--out", `${folder}/a`);
    expect(filtered.err).toMatch(/filters leave nothing \(--min-user 99, .*lower --min-user/);
    expect(await prepare(...dates, "--meta", "x", "--out", `${folder}/a`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/csv takes no --meta \(--meta\)/),
    });
  });

  it("takes a time format, an encoding, new names and a choice of behaviours, and says which target it took", async () => {
    const time = ["--time-format", "%d/%m/%Y %H:%M", "--rename", "interaction=buy", "--behaviors", "buy"];
    const { code, err } = await prepare(...dates, ...time, "--out", `${folder}/b`);
    expect([code, err]).toEqual([0, expect.stringMatching(/the target is buy: it is called so/)]);
    const manifest = JSON.parse(readFileSync(`${folder}/b/manifest.json`, "utf8")) as { behaviors: object };
    expect(Object.keys(manifest.behaviors)).toEqual(["buy"]);
  });

  it("takes features to keep and rules of labels", async () => {
    const shown = [
      "--format",
      "csv",
      fixture("feature-names/punct.csv"),
      "--columns",
      "user=uid,item=sku,label=click,features=hour of day+hour_of_day",
    ];
    const { code } = await prepare(
      ...shown,
      "--features",
      "hour_of_day",
      "--label",
      "click=click>=1",
      "--out",
      `${folder}/c`,
    );
    expect(code).toBe(0);
    const manifest = JSON.parse(readFileSync(`${folder}/c/manifest.json`, "utf8")) as {
      tables: { features: { name: string }[] };
    };
    expect(manifest.tables.features.map(({ name }) => name)).toEqual(["hour_of_day"]);
  });

  it("refuses a column's role that is given twice: the last would have counted alone", async () => {
    const columns = "user=uid,item=sku,label=click,label=buy";
    const { code, err } = await prepare("--format", "csv", "log.csv", "--columns", columns, "--out", `${folder}/twice`);
    expect([code, err]).toEqual([2, expect.stringMatching(/--columns has label twice .*give it once.*label=A\+B\n$/)]);
  });

  it("takes names with commas, pluses and equals signs in double quotes, and says so of others", async () => {
    const file = `${folder}/signs.csv`;
    const rows = Array.from({ length: 40 }, (_, k) => `u${k % 8},i${k % 10},${k % 2},${k % 3},ios`);
    writeFileSync(file, `who,"item, as shown","sold, paid","a+b","os=x"\n${rows.join("\n")}\n`);
    const columns = 'user=who,item="item, as shown",label="sold, paid",features="a+b":number+"os=x"';
    const given = ["--format", "csv", file, "--out", `${folder}/signs`, "--columns"];
    const { code, err } = await prepare(...given, columns);
    expect(code, err).toBe(0);
    const { tables } = JSON.parse(readFileSync(`${folder}/signs/manifest.json`, "utf8")) as {
      tables: { features: { name: string }[]; impressions: { tasks: string[] } };
    };
    expect(tables.features.map(({ name }) => name)).toEqual(["a+b", "os=x"]);
    expect(tables.impressions.tasks).toEqual(["sold, paid"]);
    const bare = await prepare(...given, "user=who,item=item, as shown");
    expect([bare.code, bare.err]).toEqual([2, expect.stringMatching(/--columns has " as shown" .*double quotes/)]);
    const open = await prepare(...given, 'user=who,item="item, as shown');
    expect([open.code, open.err]).toEqual([2, expect.stringMatching(/a quote that does not end/)]);
  });

  it("has a line of help for every option of every format", async () => {
    const { out, err } = await prepare("--help");
    for (const flag of ["--encoding", "--time-format", "--behaviors", "--features", "--rename", "--label"])
      expect(out + err).toContain(flag);
    expect(out + err).toMatch(
      /parquet FILE… --columns .* --behaviors NAME,NAME --label NAME=COLUMN>=N --time-format FORMAT --social FILE/,
    );
  });
});
