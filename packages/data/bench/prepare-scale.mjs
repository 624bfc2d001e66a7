/**
 * How preparation grows: generates UserBehavior.csv files, prepares each as the thesis does (10 purchases, 10 buyers), and
 * scans each with DuckDB alone in a process of its own, reading all columns, just before and just after.
 *
 *   node packages/data/bench/prepare-scale.mjs [--rows 1000000,10000000,100000000] [--folder DIR] [--memory 2GB] [--keep]
 *
 * Needs the built package, and about 50 bytes of disk a row. Prints one JSON line a size.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000,10000000,100000000" },
    folder: { type: "string", default: `${tmpdir()}/gradpool-scale` },
    memory: { type: "string", default: "2GB" },
    keep: { type: "boolean", default: false },
    child: { type: "string" },
    file: { type: "string" },
  },
});
const api = () => import("../dist/index.js");

/** Runs this file again for one step, so that times and peak memory are that step's own. */
function step(child, file) {
  const self = fileURLToPath(import.meta.url);
  const args = [self, "--child", child, "--file", file, "--memory", values.memory, "--folder", values.folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${child} failed: ${stderr}`);
  return JSON.parse(stdout);
}

async function scan() {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: values.memory });
  const connection = await instance.connect();
  const started = performance.now();
  const result = await connection.runAndReadAll(
    `SELECT count(u), count(i), count(c), count(b), count(t) FROM read_csv('${values.file}', header=false, auto_detect=false, delim=',',
     columns={'u': 'BIGINT', 'i': 'BIGINT', 'c': 'BIGINT', 'b': 'VARCHAR', 't': 'BIGINT'})`,
  );
  return { seconds: (performance.now() - started) / 1000, rows: Number(result.getRows()[0][0]) };
}

async function prepareFile() {
  const { prepare } = await api();
  const out = `${values.folder}/set`;
  return prepare({
    format: "taobao",
    input: values.file,
    minUser: 10,
    minItem: 10,
    memory: values.memory,
    out,
    force: true,
  });
}

if (values.child) {
  process.stdout.write(JSON.stringify(await (values.child === "scan" ? scan() : prepareFile())));
} else {
  const { writeUserBehavior } = await api();
  mkdirSync(values.folder, { recursive: true });
  try {
    for (const rows of values.rows.split(",").map(Number)) {
      const file = `${values.folder}/UserBehavior-${rows}.csv`;
      if (!existsSync(file)) writeUserBehavior(file, { rows });
      const before = step("scan", file);
      const report = step("prepare", file);
      const after = step("scan", file);
      const bare = (before.seconds + after.seconds) / 2;
      console.log(
        JSON.stringify({
          rows,
          megabytes: Math.round(statSync(file).size / 1e6),
          scanSeconds: [before.seconds, after.seconds].map((seconds) => Number(seconds.toFixed(2))),
          prepareSeconds: report.seconds,
          ratio: Number((report.seconds / bare).toFixed(2)),
          peakRssMb: report.peakRssMb,
          load: loadavg().map((value) => Number(value.toFixed(1))),
          users: report.users,
          items: report.items,
          behaviors: report.behaviors,
        }),
      );
      if (!values.keep) rmSync(file);
    }
  } finally {
    if (!values.keep) rmSync(values.folder, { recursive: true, force: true });
  }
}
