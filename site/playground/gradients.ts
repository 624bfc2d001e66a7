import type { Request } from "@gradpool/registry";
import { methods } from "gradpool:methods";
import { flatGradients, type Geometry, geometryOf, judge, type Verdict } from "./model/analysis.js";
import { fromLink, toLink } from "./model/link.js";
import { largestText, type Pasted, readPasted } from "./model/pasted.js";
import { type Choice, createPool, labelOf } from "./model/pools.js";
import { messageOf } from "./model/trajectory.js";
import { byId, digits, element, table } from "./view/dom.js";
import { cosineGrid, weightBars } from "./view/shapes.js";

const example = `{ "gradients": [[1, 2, 0.5], [-20, 5, 3], [0.1, 0.2, -0.3]], "losses": [0.9, 12, 0.4] }`;

const text = byId<HTMLTextAreaElement>("text");
const which = byId<HTMLSelectElement>("which");
const message = byId("message");
let pasted: Pasted | undefined;

/** Reads what stands in the box; a sentence where it cannot be read, and what was shown before goes. */
function read(): void {
  byId("result").hidden = true;
  message.textContent = "";
  try {
    pasted = readPasted(text.value);
    which.replaceChildren(...pasted.labels.slice(0, 2000).map((label) => element("option", {}, label)));
    byId("which-box").hidden = pasted.labels.length < 2;
    show();
  } catch (error) {
    pasted = undefined;
    message.textContent = messageOf(error);
  }
}

function show(): void {
  if (pasted === undefined) return;
  try {
    const request = pasted.request(Math.max(0, which.selectedIndex));
    const rows = flatGradients(request);
    if (rows.length > 64) throw new Error(`${rows.length} tasks: the page shows up to 64`);
    const names = rows.map((_, k) => `task ${k + 1}`);
    const geometry = geometryOf(rows);
    const verdicts = methods.map((method) => {
      const choice: Choice = { method: method.name, options: {} };
      try {
        return { choice, verdict: judge(createPool(methods, choice), { ...request, method: method.name }) };
      } catch (error) {
        return { choice, verdict: { error: messageOf(error) } };
      }
    });
    draw(names, geometry, verdicts, request);
    void share();
  } catch (error) {
    message.textContent = messageOf(error);
  }
}

type Answer = { readonly choice: Choice; readonly verdict: Verdict | { readonly error: string } };

function draw(names: readonly string[], geometry: Geometry, answers: readonly Answer[], request: Request): void {
  const { norms, cosines, conflicts, pairs } = geometry;
  byId("counts").textContent =
    `${names.length} tasks × ${request.layout.size} numbers, ${conflicts} of ${pairs} pairs in conflict` +
    (pasted?.kind === "diagnostics"
      ? ". Diagnostics hold norms and angles, no coordinates: vectors with the same norms and angles stand for them."
      : ".");
  byId("geometry").replaceChildren(
    cosineGrid(names, cosines),
    table(
      "Norms and cosines",
      ["task", "norm", ...names.map((name) => `cosine with ${name}`)],
      names.map((name, i) => [name, digits(norms[i]), ...(cosines[i] ?? []).map(digits)]),
    ),
  );
  byId("verdicts").replaceChildren(
    table(
      "What each pool makes of them",
      ["pool", "weights", "norm", "conflicts left", ...names.map((name) => `cosine with ${name}`)],
      answers.map(({ choice, verdict }) => {
        const name = labelOf(choice);
        if ("error" in verdict) return [name, element("span", { className: "faint" }, verdict.error)];
        const flat =
          verdict.weights === null ? undefined : (verdict.weights as readonly (number | readonly number[])[]).flat();
        const weights = flat === undefined ? "coordinates" : weightBars(flat.slice(0, names.length));
        return [name, weights, digits(verdict.norm), String(verdict.conflicts), ...verdict.cosines.map(digits)];
      }),
    ),
  );
  byId("result").hidden = false;
}

/** The address that holds the box's text, while it fits into an address. */
async function share(): Promise<void> {
  const link = await toLink({ text: text.value, which: which.selectedIndex });
  const fits = link.length <= 60_000;
  if (fits) history.replaceState(null, "", `#${link}`);
  byId("link-note").textContent = fits
    ? "The address of this page now holds these gradients: copy it to share them."
    : "These gradients are too large for an address.";
}

async function take(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  if (file.size > largestText) {
    byId("result").hidden = true;
    message.textContent = `${file.name} has ${(file.size / 1e6).toFixed(1)} MB: give up to 8; for more, use gradpool pool`;
    return;
  }
  text.value = await file.text();
  read();
}

byId("read").addEventListener("click", read);
byId("example").addEventListener("click", () => {
  text.value = example;
  read();
});
which.addEventListener("change", show);
const file = byId<HTMLInputElement>("file");
file.addEventListener("change", () => {
  const chosen = file.files?.[0];
  file.value = "";
  void take(chosen);
});
text.addEventListener("dragover", (event) => event.preventDefault());
text.addEventListener("drop", (event) => {
  const dropped = event.dataTransfer?.files[0];
  if (dropped === undefined) return;
  event.preventDefault();
  void take(dropped);
});

const held = (await fromLink(location.hash.slice(1))) as { text?: unknown; which?: unknown } | undefined;
text.value = typeof held?.text === "string" ? held.text : example;
read();
if (typeof held?.which === "number" && held.which > 0 && held.which < which.options.length) {
  which.selectedIndex = held.which;
  show();
}
document.documentElement.dataset["ready"] = "yes";
