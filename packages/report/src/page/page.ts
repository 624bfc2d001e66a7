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
  /** The page listens to its server, and loads itself again when there is something new. */
  readonly live?: boolean;
}

/** Where it stands on the page is kept by the browser. */
const listen = `new EventSource("/changes").onmessage = () => location.reload();`;

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A page in the place of a report that cannot be made yet: why, in a line. */
export const waitingHtml = (why: string): string =>
  pageHtml({
    title: "gradpool report",
    header: markup`<header class="top"><p class="eyebrow"><span>gradpool report</span></p><h1>Nothing to show yet</h1><p class="verdict">${why}</p></header>`,
    sections: [],
    footer: markup``,
    live: true,
  });

/** The whole document. Its policy lets nothing be fetched, and runs no other script or style than its own. */
export function pageHtml({ title, header, sections, footer, live = false }: Page): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hash(client)}${live ? ` ${hash(listen)}` : ""}`,
    ...(live ? ["connect-src 'self'"] : []),
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
<script>${trusted(client)}</script>${live ? markup`<script>${trusted(listen)}</script>` : ""}
</body>
</html>
`;
  return String(page);
}
