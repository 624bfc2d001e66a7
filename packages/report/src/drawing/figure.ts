import { embed, escape, slug } from "./html.js";
import { short } from "./format.js";

/** The numbers behind a figure, column by column as a CSV file has them. */
export interface FigureData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** What a figure's function makes: a picture, what it shows in words, and its numbers. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** How to read it, in one sentence. */
  readonly help: string;
  /** One drawing, or several panels. */
  readonly svg: string;
  /** The picture in words, for who cannot see it. */
  readonly alt: string;
  readonly data: FigureData;
}

/** One drawing of a figure, with what it shows in words. */
export interface Panel {
  readonly title: string;
  /** A short line below the title. */
  readonly note?: string;
  readonly svg: string;
}

/** Panels side by side where there is room, below each other on a phone. */
export function panels(list: readonly Panel[], className: string = "panels"): string {
  const items = list.map(
    ({ title, note, svg }) =>
      `<div class="panel"><h4>${escape(title)}</h4>${note === undefined ? "" : `<p class="note">${escape(note)}</p>`}${svg}</div>`,
  );
  return `<div class="${className}">${items.join("")}</div>`;
}

/** Small tables stand in the page; large ones are built from the embedded data when they are asked for. */
const inPage = 40;

/** The figure as HTML: picture, caption, description and data table on demand, downloads. */
export function figureHtml(figure: Figure, level: 3 | 4 = 3): string {
  const { id, title, help, svg, alt, data } = figure;
  const rows = data.rows.map((row) => row.map((value) => (typeof value === "number" ? short(value) : value)));
  const small = rows.length <= inPage;
  return `<figure id="${id}" aria-labelledby="${id}-title" aria-describedby="${id}-alt">
<figcaption><h${level} id="${id}-title">${escape(title)}</h${level}><p class="help">${escape(help)}</p></figcaption>
${svg}
<div class="after"><details class="data"><summary>Description and data</summary><p id="${id}-alt">${escape(alt)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Data of ${escape(title)}" data-table="${id}">${
    small ? dataTable(data.columns, rows) : `<p class="note">${rows.length} rows.</p>`
  }</div></details>
<div class="downloads"><button type="button" class="quiet js" data-download="csv" data-of="${id}" aria-label="Download the data of ${escape(title)} as CSV">CSV</button><button type="button" class="quiet js" data-download="json" data-of="${id}" aria-label="Download the data of ${escape(title)} as JSON">JSON</button></div></div>
<script type="application/json" id="${id}-data" data-name="${slug(title)}">${embed({ columns: data.columns, rows })}</script>
</figure>`;
}

function dataTable(columns: readonly string[], rows: FigureData["rows"]): string {
  const head = columns.map((name) => `<th scope="col">${escape(name)}</th>`).join("");
  const body = rows.map(
    (row) =>
      `<tr>${row.map((value) => `<td${typeof value === "number" ? ' class="n"' : ""}>${value === null ? "–" : escape(String(value))}</td>`).join("")}</tr>`,
  );
  return `<table class="plain"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

/** A group of views of which one is shown at a time; without the script they stand below each other. */
export interface Tab {
  readonly label: string;
  readonly html: string;
}

export function tabs(id: string, label: string, list: readonly Tab[]): string {
  if (list.length === 0) return "";
  if (list.length === 1) return (list[0] as Tab).html;
  const sections = list.map(
    (tab, k) =>
      `<div class="tab" id="${id}-${k}" data-label="${escape(tab.label)}"><h3 class="tab-title">${escape(tab.label)}</h3>${tab.html}</div>`,
  );
  return `<div class="tabs" id="${id}" data-label="${escape(label)}">${sections.join("\n")}</div>`;
}
