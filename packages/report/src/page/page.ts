import { createHash } from "node:crypto";
import { escape } from "../drawing/html.js";
import { client } from "./client.js";
import { style } from "./style.js";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead?: string;
  readonly html: string;
}

export interface Page {
  readonly title: string;
  readonly header: string;
  readonly sections: readonly Section[];
  readonly footer: string;
}

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The whole document. Its policy lets nothing be fetched, and runs no other script or style than its own. */
export function pageHtml({ title, header, sections, footer }: Page): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hash(client)}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const shown = sections.filter(({ html }) => html !== "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="gradpool">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<nav class="bar" aria-label="Sections"><div><ul>${shown.map(({ id, title: name }) => `<li><a href="#${id}">${escape(name)}</a></li>`).join("")}</ul><button type="button" id="theme" class="quiet js">Theme</button></div></nav>
${header}
<main id="main" tabindex="-1">
${shown
  .map(
    ({ id, title: name, lead, html }) =>
      `<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${escape(name)}</h2>${lead === undefined ? "" : `<p class="lead">${escape(lead)}</p>`}\n${html}</section>`,
  )
  .join("\n")}
</main>
<footer>${footer}</footer>
<script>${client}</script>
</body>
</html>
`;
}
