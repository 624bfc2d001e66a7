import type { SweepFiles } from "@gradpool/bench";
import { writeWhole } from "@gradpool/files";
import { type Draw, loadDraw } from "./drawing/draw.js";
import { footer } from "./page/footer.js";
import { header } from "./page/header.js";
import { pageHtml } from "./page/page.js";
import { sections } from "./sections.js";
import { readSource } from "./source/sources.js";

/**
 * The report of a comparison: one HTML file that needs nothing else. The same input gives the same bytes. `live`: for a server, a page
 * that loads itself again whenever `/changes`, a stream of events, says so.
 */
export async function buildReport(files: SweepFiles, draw?: Draw, live: boolean = false): Promise<string> {
  const source = readSource(files);
  return pageHtml({
    title: `${source.plan.title || source.plan.name} · gradpool report`,
    header: header(source),
    sections: sections(source, draw ?? (await loadDraw())),
    footer: footer(source),
    live,
  });
}

/** Writes the report of a comparison into the file `path`, whole or not at all. Error `failed` if it cannot be written. */
export async function writeReport(files: SweepFiles, path: string): Promise<void> {
  writeWhole(path, await buildReport(files));
}
