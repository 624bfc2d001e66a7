import { type ResultTexts, sweepFromTexts } from "@gradpool/bench";
import { buildReport } from "@gradpool/report";
import { messageOf } from "./model/trajectory.js";
import { byId, save } from "./view/dom.js";

/** The files of a comparison's folder that a report is drawn from. */
const wanted: Readonly<Record<string, keyof ResultTexts>> = { "summary.json": "summary", "results.jsonl": "records" };

let page = "";

/** Draws the report of the dropped files in a frame of its own, which may run its own script and reach nothing. */
async function draw(files: readonly File[]): Promise<void> {
  const message = byId("message");
  byId("result").hidden = true;
  message.textContent = "reading …";
  try {
    const texts: Partial<Record<keyof ResultTexts, string>> = {};
    for (const file of files) {
      const kind = wanted[file.name];
      if (kind === undefined) continue;
      if (file.size > 100e6)
        throw new Error(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB: use gradpool report`);
      texts[kind] = await file.text();
    }
    if (texts.summary === undefined || texts.records === undefined) {
      const lacking = Object.keys(wanted).filter((name) => texts[wanted[name] as keyof ResultTexts] === undefined);
      throw new Error(`${lacking.join(" and ")} missing: drop the files of a finished comparison's folder`);
    }
    page = await buildReport(sweepFromTexts(texts as ResultTexts));
    byId<HTMLIFrameElement>("frame").srcdoc = page;
    byId("result").hidden = false;
    message.textContent = "";
  } catch (error) {
    message.textContent = messageOf(error);
  }
}

const input = byId<HTMLInputElement>("files");
input.addEventListener("change", () => {
  const files = [...(input.files ?? [])];
  // The same files, written anew, are to be read again.
  input.value = "";
  void draw(files);
});
const box = byId("drop");
box.addEventListener("dragover", (event) => event.preventDefault());
box.addEventListener("drop", (event) => {
  event.preventDefault();
  void draw([...(event.dataTransfer?.files ?? [])]);
});
byId("save").addEventListener("click", () => save("report.html", page, "text/html"));
document.documentElement.dataset["ready"] = "yes";
