import { embed, markup, type Html, joined, nothing, slug } from "./html.js";
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
  readonly svg: Html;
  /** The picture in words, for who cannot see it. */
  readonly alt: string;
  readonly data: FigureData;
}

/** One drawing of a figure, with what it shows in words. */
export interface Panel {
  readonly title: string;
  /** A short line below the title. */
  readonly note?: string;
  readonly svg: Html;
}

/** Panels side by side where there is room, below each other on a phone. */
export function panels(list: readonly Panel[], className: string = "panels"): Html {
  const items = list.map(
    ({ title, note, svg }) =>
      markup`<div class="panel"><h4>${title}</h4>${note === undefined ? "" : markup`<p class="note">${note}</p>`}${svg}</div>`,
  );
  return markup`<div class="${className}">${items}</div>`;
}

/** Small tables stand in the page; large ones are built from the embedded data when they are asked for. */
const inPage = 40;

/** The figure as HTML: picture, caption, description and data table on demand, downloads. */
export function figureHtml(figure: Figure, level: 3 | 4 = 3): Html {
  const { id, title, help, svg, alt, data } = figure;
  const rows = data.rows.map((row) => row.map((value) => (typeof value === "number" ? short(value) : value)));
  const small = rows.length <= inPage;
  return markup`<figure id="${id}" aria-labelledby="${id}-title" aria-describedby="${id}-alt"><figcaption><h${level} id="${id}-title">${title}</h${level}><p class="help">${help}</p></figcaption>${svg}<div class="after"><details class="data"><summary>Description and data</summary><p id="${id}-alt">${alt}</p><div class="scroll" tabindex="0" role="region" aria-label="Data of ${title}" data-table="${id}">${
    small ? dataTable(data.columns, rows) : markup`<p class="note">${rows.length} rows.</p>`
  }</div></details><div class="downloads"><button type="button" class="quiet js" data-download="csv" data-of="${id}" aria-label="Download the data of ${title} as CSV">CSV</button><button type="button" class="quiet js" data-download="json" data-of="${id}" aria-label="Download the data of ${title} as JSON">JSON</button></div></div><script type="application/json" id="${id}-data" data-name="${slug(title)}">${embed({ columns: data.columns, rows })}</script></figure>`;
}

function dataTable(columns: readonly string[], rows: FigureData["rows"]): Html {
  const head = columns.map((name) => markup`<th scope="col">${name}</th>`);
  const body = rows.map(
    (row) =>
      markup`<tr>${row.map((value) => markup`<td${typeof value === "number" ? markup` class="n"` : ""}>${value ?? "–"}</td>`)}</tr>`,
  );
  return markup`<table class="plain"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** A group of views of which one is shown at a time; without the script they stand below each other. */
export interface Tab {
  readonly label: string;
  readonly html: Html;
}

export function tabs(id: string, label: string, list: readonly Tab[]): Html {
  if (list.length === 0) return nothing;
  if (list.length === 1) return (list[0] as Tab).html;
  const sections = list.map(
    (tab, k) =>
      markup`<div class="tab" id="${id}-${k}" data-label="${tab.label}"><h3 class="tab-title">${tab.label}</h3>${tab.html}</div>`,
  );
  return markup`<div class="tabs" id="${id}" data-label="${label}">${joined(sections, "\n")}</div>`;
}
