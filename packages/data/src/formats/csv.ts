import { problem } from "../errors.js";
import { headerOf, readDelimited, type Column } from "../tables/delimited.js";
import { name } from "../tables/duck.js";
import { firstLines } from "../tables/lines.js";
import { checkFile } from "../tables/sources.js";
import { columnOptions, mustHave, readTable, type Uses } from "./columns.js";
import { inputFiles } from "./inputs.js";
import type { DataFormat, Reading } from "./reader.js";

async function readRows(reading: Reading, uses: Uses): Promise<void> {
  const files = await inputFiles(reading, csv, [".csv", ".csv.gz", ".tsv"]);
  const [first, second] = await firstLines(await checkFile(files[0] as string), 2);
  const delimiter = ["\t", ",", ";", "|"].find((candidate) => first?.includes(candidate)) ?? ",";
  const names = headerOf(first, delimiter, files[0] as string);
  mustHave(uses, names, `${files[0]}:1`);
  for (const file of files.slice(1)) {
    const [header] = await firstLines(await checkFile(file), 1);
    if (headerOf(header, delimiter, file).join() !== names.join()) {
      throw problem(
        "invalid-input",
        "the header differs from the first file's",
        `${file}:1`,
        "give files of one layout",
      );
    }
  }
  // Times are numbers or dates; the first row tells which.
  const sample = (second ?? "").split(delimiter);
  const columns = names.map((column, k): Column => {
    const use = uses.get(column);
    const numeric =
      use === "number" || (use === "time" && Number.isFinite(Number((sample[k] ?? "").replaceAll('"', "") || "x")));
    return { name: column, type: numeric ? "DOUBLE" : "VARCHAR", required: use === "id" };
  });
  const required = names.filter((column) => uses.get(column) === "id").map(name);
  const layout = { columns, delimiter, header: true, multiline: true };
  await readDelimited(reading, files, layout, "rows", [...uses.keys()].map(name).join(", "), required);
}

/** Text with a header, one row an event or impression: one file, many, globs or folders. */
export const csv: DataFormat = {
  name: "csv",
  takes: columnOptions,
  describe: "any table with a header; columns says which column holds what",
  read: (reading) => readTable(reading, readRows),
};
