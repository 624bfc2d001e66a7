import { join } from "node:path";
import { readSweep, type SweepFiles, writeWhole } from "../sweep/files.js";
import { type Draw, loadDraw } from "./draw.js";
import { footer } from "./page/footer.js";
import { header } from "./page/header.js";
import { pageHtml } from "./page/page.js";
import { readSource } from "./sources.js";
import { sections } from "./sections.js";

/** The report of a sweep: one HTML file that needs nothing else. The same input gives the same bytes. */
export async function buildReport(files: SweepFiles, draw?: Draw): Promise<string> {
  const source = readSource(files);
  return pageHtml({
    title: `${source.plan.title || source.plan.name} · gradpool report`,
    header: header(source),
    sections: sections(source, draw ?? (await loadDraw())),
    footer: footer(source),
  });
}

/** Writes the report of the sweep in `dir` and answers with its path; `out` defaults to `report.html` in it. */
export async function writeReport(dir: string, out: string = join(dir, "report.html")): Promise<string> {
  writeWhole(out, await buildReport(readSweep(dir)));
  return out;
}
