import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { SweepFiles } from "@gradpool/bench";
import { writeReport } from "@gradpool/report";
import pc from "picocolors";
import { openInBrowser, openReport } from "../show/open.js";
import { resultsOf } from "../show/results.js";
import { watchReport } from "../show/watch.js";
import { type Command, defineCommand } from "../terminal/command.js";
import { usageError } from "../terminal/errors.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { readNumber } from "../terminal/values.js";

export const reportCommand: Command = defineCommand({
  name: "report",
  summary: "the report of a bench, or of runs, from what they wrote",
  details:
    "DIR: the --out folder of gradpool bench, or of one or several runs of gradpool train; what is still going is reported as far as it has come.\n" +
    "Runs that differ in their seed alone count as one. The report is one HTML file that needs no network. With --watch nothing is written: the report is served on 127.0.0.1, and changes in the browser as training goes on; DIR need not be there yet.",
  examples: [
    "gradpool report runs/demo --open",
    "gradpool report runs/shop",
    "gradpool report runs/ew runs/metabalance --out two.html",
    "gradpool report runs/shop --watch",
  ],
  args: {
    dir: { type: "positional", required: true, description: "folders of the results" },
    out: { type: "string", valueHint: "FILE", description: "where to write it (default DIR/report.html)" },
    open: { type: "boolean", description: "show it in the browser" },
    watch: { type: "boolean", description: "serve it on this machine until Ctrl-C, always as it stands" },
    port: { type: "string", valueHint: "N", description: "for --watch (default: one that is free)" },
  },
  variadic: true,
  saves: true,
  async run({ args, positionals, terminal }) {
    const folders = positionals.map((folder) => resolve(folder));
    const [first = "."] = folders;
    const read = resultsOf(folders, args.watch === true);
    if (args.watch === true) {
      if (args.out !== undefined) throw usageError("--watch writes no file", "--out", "leave one of the two out");
      return serve({ folders, read, port: portOf(args.port), open: args.open === true }, terminal);
    }
    if (args.port !== undefined) throw usageError("nothing is served", "--port", "add --watch, or leave it out");
    if (args.out === undefined && folders.length > 1) {
      throw usageError("a report of several runs has no place of its own", "--out", "say where: --out FILE.html");
    }
    const report = args.out === undefined ? join(first, "report.html") : resolve(args.out);
    await writeReport(read(), report);
    terminal.result({ report }, () => `${pc.bold("report")}  ${relative(process.cwd(), report) || report}`);
    if (args.open === true) await openReport(report);
    return 0;
  },
});

const portOf = (text: string | undefined): number =>
  text === undefined ? 0 : readNumber(text, "port", { integer: true, min: 0, max: 65_535 });

interface Served {
  readonly folders: readonly string[];
  readonly read: () => SweepFiles;
  readonly port: number;
  readonly open: boolean;
}

async function serve({ folders, read, port, open }: Served, terminal: Terminal): Promise<number> {
  // What is no folder of results at all is said at once; what has nothing to show yet is waited for.
  const [first = "."] = folders;
  if (folders.length > 1) read();
  else if (!existsSync(first)) terminal.note(`${first} is not there yet: its report is shown once it is`);
  const { signal, release } = interruptible(terminal, "stopping");
  try {
    await watchReport({
      folders,
      read,
      port,
      signal,
      onListening(url) {
        terminal.result({ url }, () => `${pc.bold("report")}  ${url} (Ctrl-C ends it)`);
        if (open) openInBrowser(url).catch((error: unknown) => terminal.error(error));
      },
    });
  } finally {
    release();
  }
  return 0;
}
