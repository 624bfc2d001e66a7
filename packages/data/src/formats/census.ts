import { problem } from "../errors.js";
import { name as quoted } from "../tables/duck.js";
import { readDelimited } from "../tables/delimited.js";
import type { Column } from "../tables/kinds.js";
import { checkFolder, needFile } from "../tables/sources.js";
import { readTable } from "./columns.js";
import { onlyInput, type ReadRows } from "./inputs.js";
import type { DataFormat } from "./reader.js";

const names = [
  "age",
  "workclass",
  "fnlwgt",
  "education",
  "education-num",
  "marital-status",
  "occupation",
  "relationship",
  "race",
  "sex",
  "capital-gain",
  "capital-loss",
  "hours-per-week",
  "native-country",
  "income",
];
const numbers = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"];
const words = names.filter((name) => !numbers.includes(name) && name !== "fnlwgt" && name !== "income");

/** One row in so many of `adult.data` validates. */
const validates = 7;

/** `adult.data` and `adult.test` as one table; the label is read as text, the test file's with a full stop behind it. */
const readRows: ReadRows = async (reading, wanted, { input: [folder = ""], table }) => {
  const { db } = reading;
  const columns = wanted.map((column): Column => {
    const label = column.name === "income" ? ({ kind: "text", required: true } as const) : {};
    return { ...column, ...label, at: names.indexOf(column.name) };
  });
  for (const part of ["data", "test"]) {
    const file = await needFile(folder, [`adult.${part}`]);
    const layout = { columns, width: names.length, delimiter: ", ", unquoted: true };
    await readDelimited(reading, [file], layout, { table: part, select: "*" });
  }
  const label = quoted(wanted.find((column) => column.name === "income")?.as ?? "");
  const odd = `SELECT ${label} FROM (SELECT * FROM data UNION ALL SELECT * FROM test) WHERE ${label} NOT IN ('>50K', '<=50K', '>50K.', '<=50K.')`;
  const [strange] = await db.rows(`${odd} LIMIT 1`);
  if (strange !== undefined) {
    const what = `an income is "${String(strange[0])}"`;
    throw problem("invalid-input", what, folder, "give the folder of adult.data and adult.test as published");
  }
  const rows = (from: string, part: string): string =>
    `SELECT * REPLACE (CAST(starts_with(${label}, '>') AS UTINYINT) AS ${label}), CAST(${part} AS UTINYINT) AS part FROM ${from}`;
  const chance = `CASE WHEN hash(data) % ${validates} = 0 THEN 1 ELSE 0 END`;
  await db.run(`CREATE TABLE ${table} AS ${rows("data", chance)} UNION ALL ${rows("test", "2")}`);
};

/** Adult, the census of 1994: who earns more than 50,000. `adult.test` is tested; of `adult.data` a seventh validates. */
export const census: DataFormat = {
  name: "census",
  takes: { input: "FOLDER" },
  describe:
    "Adult: adult.data, adult.test; label income; rows of nobody in particular, a seventh of adult.data validates",
  read: async (reading) => {
    const folder = await checkFolder(onlyInput(reading, census));
    const columns = {
      user: "",
      item: "",
      label: ["income"],
      features: {
        ...Object.fromEntries(numbers.map((name) => [name, { type: "number" } as const])),
        ...Object.fromEntries(words.map((name) => [name, { type: "category", min: 1, missing: ["?"] } as const])),
      },
    };
    return readTable(reading, readRows, [folder], { columns, anonymous: ["user", "item"], part: "part" });
  },
};
