import { given } from "@gradpool/core";
import {
  formats,
  prepare,
  type DataFormat,
  type PrepareOptions,
  type PrepareProgress,
  type ReadOption,
} from "@gradpool/data";
import { columnsOf } from "../flags/columns.js";
import { behaviorsOf, namesOf, shareOf, orNone, renames, thresholds, whole } from "../flags/prepare.js";
import { preparedSummary } from "../show/prepared.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";

/** The name of a format, what it is given, and below what it reads. */
function formatLine({ name, takes, describe }: DataFormat): string {
  const shown = Object.entries(takes).map(([option, hint]) =>
    option === "input" ? hint : `${flagOf(option, hint)} ${hint}`,
  );
  return `  ${[name, ...shown].join(" ")}\n      ${describe}`;
}

/** The flag of an option of the library: files of behaviours and labels are given one by one. */
function flagOf(option: string, hint: string): string {
  if (option === "labels" || hint === "NAME=FILE") return `--${option.slice(0, -1)}`;
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The formats that take an option, for its description. */
const takers = (option: ReadOption): string =>
  formats.flatMap(({ name, takes }) => (takes[option] === undefined ? [] : name)).join(", ");

export const prepareCommand: Command = defineCommand({
  name: "prepare",
  summary: "make a prepared set from the files you have",
  details: `FORMATS
${formats.map(formatLine).join("\n")}
  Files may be gzipped, and be given as globs or folders.

DIR of --out holds Parquet files and manifest.json. It appears when it is whole, or not at all.`,
  examples: [
    "gradpool prepare --format taobao UserBehavior.csv --min-user 10 --min-item 10 --out sets/taobao",
    "gradpool prepare --format edges --behavior buy=buy.txt --behavior cart=cart.txt --test test.txt --out sets/shop",
    "gradpool prepare --format recbole ml-100k --label 'like=rating>=4' --label 'love=rating>=5' --out sets/ml",
    "gradpool prepare --format amazon reviews.json.gz --meta meta.json.gz --core 5 --split random:0.6,0.2,0.2 --out sets/games",
    "gradpool prepare --format csv 'logs/*.csv' --columns user=uid,item=sku,behavior=event,time=ts --target buy --out sets/logs",
    "gradpool prepare --format csv ads.csv --schema schema.json --users users.csv --items items.csv --out sets/ads",
  ],
  args: {
    input: { type: "positional", required: false, description: "files, folders or globs, as the format wants them" },
    format: {
      type: "enum",
      options: formats.map(({ name }) => name),
      required: true,
      description: "the layout of the input",
    },
    out: { type: "string", required: true, valueHint: "DIR", description: "folder of the prepared set" },
    behavior: {
      type: "string",
      valueHint: "NAME=FILE",
      description: "edges: a behaviour's pairs; once for each file",
    },
    valid: {
      type: "string",
      valueHint: "FILE",
      description: `${takers("valid")}: the target's validation pairs, as given`,
    },
    test: { type: "string", valueHint: "FILE", description: `${takers("test")}: the target's test pairs, as given` },
    social: { type: "string", valueHint: "FILE", description: `${takers("social")}: links between users` },
    meta: { type: "string", valueHint: "FILE", description: `${takers("meta")}: metadata of the products` },
    columns: {
      type: "string",
      valueHint: "user=…,item=…",
      description: `${takers("columns")}: which column holds what`,
    },
    schema: {
      type: "string",
      valueHint: "FILE",
      description: `${takers("schema")}: what the columns are, as gradpool inspect writes it; instead of --columns`,
    },
    users: {
      type: "string",
      valueHint: "FILE",
      description: `${takers("users")}: a row a user, with the features that users=… of the columns names`,
    },
    items: {
      type: "string",
      valueHint: "FILE",
      description: `${takers("items")}: a row an item, with the features that items=… of the columns names`,
    },
    label: {
      type: "string",
      valueHint: "NAME=COLUMN>=N",
      description: `${takers("labels")}: what a label means, or NAME=COLUMN=TEXT; may be repeated`,
    },
    encoding: {
      type: "string",
      valueHint: "NAME",
      description: "of the text files, e.g. latin1, windows-1252, shift_jis (default utf-8)",
    },
    "time-format": {
      type: "string",
      valueHint: "FORMAT",
      description: `${takers("timeFormat")}: how times are written, e.g. %d.%m.%Y (default: ISO dates, or numbers since 1970)`,
    },
    behaviors: {
      type: "string",
      valueHint: "NAME,…",
      description: "the behaviours to keep, in this order (default all)",
    },
    features: { type: "string", valueHint: "NAME,…", description: "the features to keep (default all)" },
    rename: {
      type: "string",
      valueHint: "OLD=NEW",
      description: "another name for a behaviour, task or feature, which the other options use; may be repeated",
    },
    wechat: {
      type: "string",
      valueHint: "effectiveSeconds=3,longSeconds=18,completeRatio=1",
      description: `${takers("wechat")}: thresholds of the viewing tasks`,
    },
    target: {
      type: "string",
      valueHint: "NAME",
      description: "the behaviour to split and test (default: the format's own, else buy, else the first)",
    },
    "min-user": { type: "string", valueHint: "N", description: "least unique target items of a user (default 0)" },
    "min-item": { type: "string", valueHint: "N", description: "least unique target users of an item (default 0)" },
    core: {
      type: "string",
      valueHint: "K",
      description: "least items of a user and users of an item, over everything",
    },
    passes: {
      type: "enum",
      options: ["fixpoint", "once"],
      description: "repeat the filters until nothing changes, or count once on all pairs (default fixpoint)",
    },
    split: {
      type: "string",
      valueHint: "random:0.7,0.15,0.15",
      description:
        "or time:0.8,0.1,0.1, each user's by themselves user-random:… or user-time:…, or leave-one-out (default: the parts that the source has, else this)",
    },
    "split-all": {
      type: "boolean",
      description: "split every behaviour, so that each can be evaluated (default: the target)",
    },
    "keep-leakage": { type: "boolean", description: "keep auxiliary pairs that are in the target's held-out parts" },
    "keep-negatives": {
      type: "string",
      valueHint: "SHARE",
      description:
        "of the training rows without a positive label keep this share (default all); models' cards say what it does",
    },
    "rows-per-file": {
      type: "string",
      valueHint: "N",
      description: "rows shown in files of at most so many, each part in its own (default: one file)",
    },
    "partition-by": {
      type: "enum",
      options: ["hour", "day", "month"],
      description: "rows shown in folders by their time, as Hive names them: day=2026-01-02 (default: none)",
    },
    after: {
      type: "string",
      valueHint: "SET",
      description:
        "a prepared set whose numbers hold: users, items and values of there keep them, new ones get the next",
    },
    seed: { type: "string", valueHint: "N", description: "of the split (default 1)" },
    strict: { type: "boolean", description: "a malformed row fails (default: more than 1 % do)" },
    memory: { type: "string", valueHint: "SIZE", description: "memory before work goes to disk (default 2GB)" },
    threads: { type: "string", valueHint: "N", description: "threads of the database (default 2)" },
    force: { type: "boolean", description: "replace the prepared set in DIR" },
  },
  variadic: true,
  repeatable: ["behavior", "label", "rename"],
  saves: true,
  async run({ args, positionals, all, terminal }) {
    const options: PrepareOptions = {
      format: args.format,
      out: args.out,
      ...behaviorsOf(all("behavior"), args.behaviors),
      ...given({ encoding: args.encoding, timeFormat: args["time-format"], features: namesOf(args.features) }),
      ...given({ valid: args.valid, test: args.test, social: args.social, meta: args.meta }),
      ...given({ schema: args.schema, users: args.users, items: args.items }),
      ...given({ target: args.target, split: args.split, after: args.after, memory: args.memory, passes: args.passes }),
      ...given({
        input: orNone(positionals),
        labels: orNone(all("label")),
        rename: all("rename").length === 0 ? undefined : renames(all("rename")),
        columns: args.columns === undefined ? undefined : columnsOf(args.columns),
        wechat: args.wechat === undefined ? undefined : thresholds(args.wechat),
      }),
      ...given({
        minUser: whole(args["min-user"], "min-user"),
        minItem: whole(args["min-item"], "min-item"),
        core: whole(args.core, "core"),
        keepNegatives: shareOf(args["keep-negatives"], "keep-negatives"),
        rowsPerFile: whole(args["rows-per-file"], "rows-per-file"),
        partitionBy: args["partition-by"],
        seed: whole(args.seed, "seed"),
        threads: whole(args.threads, "threads"),
      }),
      splitAll: args["split-all"] === true,
      keepLeakage: args["keep-leakage"] === true,
      strict: args.strict === true,
      force: args.force === true,
    };
    const { signal, release } = interruptible(terminal, "stopping; nothing is written");
    const show = showProgress(terminal);
    try {
      const report = await prepare(options, { signal, onProgress: show.update });
      show.stop();
      for (const { file, line, reason } of report.malformedRows) terminal.note(`malformed: ${file}:${line} ${reason}`);
      for (const note of report.notes) terminal.note(note);
      terminal.result(report, (found) => preparedSummary(found, args.out));
    } finally {
      show.stop();
      release();
    }
  },
});

/** One bar (or line) a stage; DuckDB tells how far a statement is where it knows. */
function showProgress(terminal: Terminal): { update(progress: PrepareProgress): void; stop(): void } {
  let stage = "";
  let progress: ReturnType<Terminal["progress"]> | undefined;
  return {
    update({ stage: now, detail, fraction }) {
      if (now !== stage) {
        progress?.stop();
        stage = now;
        progress = terminal.progress({ label: now, total: 100, unit: "%" });
      }
      progress?.update(Math.round(100 * (fraction ?? 0)), detail);
    },
    stop: () => progress?.stop(),
  };
}
