import { existsSync } from "node:fs";
import { given, type JsonObject } from "@gradpool/core";
import { inspectTable, writeSchema } from "@gradpool/data";
import { type Command, defineCommand } from "../terminal/command.js";
import { usageError } from "../terminal/errors.js";

export const inspectCommand: Command = defineCommand({
  name: "inspect",
  summary: "guess a table's schema by its first rows, for you to correct",
  details:
    "Roles (user, item, labels, time) are guessed by the columns' names, types of features by what they hold. Correct the file, then " +
    "give it on: gradpool prepare --schema FILE.",
  examples: ["gradpool inspect ads.csv --out schema.json", "gradpool inspect clicks.parquet"],
  args: {
    file: { type: "positional", required: true, description: "a table: .csv, .tsv (perhaps .gz) or .parquet" },
    encoding: {
      type: "string",
      valueHint: "NAME",
      description: "of a text file, e.g. latin1, windows-1252, shift_jis (default utf-8)",
    },
    out: { type: "string", valueHint: "FILE", description: "write the schema there (default: print it)" },
  },
  async run({ args, terminal }) {
    const { out } = args;
    if (out !== undefined && existsSync(out)) {
      throw usageError(
        `${out} is there`,
        "gradpool inspect",
        "give another file: a schema that was corrected is not replaced",
      );
    }
    const schema = await inspectTable(args.file, given({ encoding: args.encoding }));
    const text = JSON.stringify(schema, null, 2);
    if (out !== undefined) writeSchema(schema, out);
    const missing = (["user", "item", "label"] as const).filter((role) => schema[role] === undefined);
    if (missing.length > 0) terminal.note(`no column looks like ${missing.join(", ")}: name it in the schema`);
    terminal.result(schema as unknown as JsonObject, () =>
      out === undefined
        ? text
        : `${Object.keys(schema.features ?? {}).length} features, in ${out}: correct it before you use it`,
    );
  },
});
