/** The frame of every page. */
import { linkTo } from "./pages.mjs";

const escape = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const playground = [
  { title: "Landscapes", place: "playground/index.html" },
  { title: "Your gradients", place: "playground/gradients/index.html" },
  { title: "Your report", place: "playground/report/index.html" },
];

/** Groups of links, the one of this page open. */
function navigation(pages, place) {
  const link = ({ title, place: to }) =>
    `<li><a href="${linkTo(place, to)}"${to === place ? ' aria-current="page"' : ""}>${escape(title)}</a></li>`;
  const group = (name, entries) => {
    const open = entries.some((entry) => entry.place === place) || name === "Guides" ? " open" : "";
    return `<details${open}><summary>${name}</summary><ul>${entries.map(link).join("")}</ul></details>`;
  };
  const of = (name) => pages.filter((page) => page.group === name);
  const groups = ["Guides", "Results", "Methods", "Packages"].filter((name) => of(name).length > 0);
  return [
    group("Playground", playground),
    ...groups.map((name) => group(name, of(name))),
    `<p><a href="${linkTo(place, "api/index.html")}">API reference</a></p>`,
  ].join("");
}

/** Nothing from anywhere else; the report's frame alone may run what is written in it. */
const policy = (inline) =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval'${inline ? " 'unsafe-inline'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    `frame-src 'self'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

export function layout({ title, place, content, pages, script, wide = false, inline = false, searchable = true }) {
  const base = linkTo(place, "index.html");
  return `<!doctype html>
<html lang="en" data-base="${base}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(inline)}">
<title>${escape(title)} · gradpool</title><link rel="icon" href="${base}icon.svg">
<link rel="stylesheet" href="${base}site.css">
<script type="module" src="${base}scripts/site.js"></script>${script === undefined ? "" : `<script type="module" src="${base}scripts/${script}.js"></script>`}
</head>
<body class="${wide ? "wide-page" : ""}">
<a class="skip" href="#main">Skip to the text</a>
<header><a class="home" href="${base}">gradpool</a>
<nav aria-label="Main"><a href="${linkTo(place, "docs/index.html")}">Docs</a><a href="${linkTo(place, "playground/index.html")}">Playground</a><a href="${linkTo(place, "api/index.html")}">API</a></nav>
<form role="search" id="search-form"><label class="sr" for="search">Search the documents</label><input id="search" type="search" placeholder="Search ( / )" autocomplete="off" aria-controls="found"></form>
<button type="button" class="quiet" id="theme">Theme</button></header>
<div id="found" role="region" aria-label="Search results" aria-live="polite" hidden></div>
<div class="page"><details class="side" id="side" open><summary>All pages</summary><nav aria-label="Pages">${navigation(pages, place)}</nav></details>
<main id="main" tabindex="-1"${searchable ? " data-pagefind-body" : ""}>${content}</main></div>
</body>
</html>
`;
}
