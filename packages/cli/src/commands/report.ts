import { join, relative, resolve } from "node:path";
import { readSweepSoFar } from "@gradpool/bench";
import { writeReport } from "@gradpool/report";
import pc from "picocolors";
import { openReport } from "../show/open.js";
import { type Command, defineCommand } from "../terminal/command.js";

export const reportCommand: Command = defineCommand({
  name: "report",
  summary: "rebuild the report of a bench from its results",
  details:
    "DIR: the --out folder of gradpool bench; one that is still going is reported as far as it has come. The report is one HTML file that needs no network.",
  examples: ["gradpool report runs/demo", "gradpool report runs/demo --open", "gradpool report runs/demo --out a.html"],
  args: {
    dir: { type: "positional", required: true, description: "folder of the results" },
    out: { type: "string", valueHint: "FILE", description: "where to write it (default DIR/report.html)" },
    open: { type: "boolean", description: "show it in the browser" },
  },
  async run({ args, terminal }) {
    const dir = resolve(args.dir);
    const report = args.out === undefined ? join(dir, "report.html") : resolve(args.out);
    await writeReport(readSweepSoFar(dir), report);
    terminal.result({ report }, () => `${pc.bold("report")}  ${relative(process.cwd(), report) || report}`);
    if (args.open === true) await openReport(report);
  },
});
