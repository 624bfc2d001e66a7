import { createHash } from "node:crypto";
import { markup, type Html, isEmpty, trusted } from "../drawing/html.js";
import { client } from "./client.js";
import { style } from "./style.js";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead?: string;
  readonly html: Html;
}

export interface Page {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly Section[];
  readonly footer: Html;
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
  const shown = sections.filter((section) => !isEmpty(section.html));
  const page = markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="generator" content="gradpool">
<title>${title}</title><link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body><a class="skip" href="#main">Skip to the results</a>
<nav class="bar" aria-label="Sections"><div><ul>${shown.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul><button type="button" id="theme" class="quiet js">Theme</button></div></nav>
${header}
<main id="main" tabindex="-1">${shown.map(
    ({ id, title: name, lead, html: content }) =>
      markup`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${name}</h2>${lead === undefined ? "" : markup`<p class="lead">${lead}</p>`} ${content}</section>
`,
  )}</main>
<footer>${footer}</footer>
<script>${trusted(client)}</script>
</body>
</html>
`;
  return String(page);
}
