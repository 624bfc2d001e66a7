/** How Eleventy makes pages of the documents: Markdown as on the repository's own pages, code coloured, headings with anchors. */
import syntax from "@11ty/eleventy-plugin-syntaxhighlight";
import anchor from "markdown-it-anchor";
import { layout } from "./layout.mjs";

/** Anchors as the repository's host makes them. */
const slug = (text) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

const figure = ({ name, svg }) =>
  svg === undefined
    ? ""
    : `<figure>${svg}<figcaption><code>${name}</code>: what it makes of conflicting gradients, after three steps on the same ones</figcaption></figure>`;

/** Boxes that scroll can be reached by the keyboard, and a table's empty corner is no heading. */
const reachable = (html) =>
  html.replaceAll("<pre", '<pre tabindex="0"').replaceAll(/<th([^>]*)><\/th>/g, "<td$1></td>");

/** The pictures come after the first paragraph of a method's page. */
function withPictures(html, pictures) {
  if (pictures === undefined) return html;
  const figures = `<div class="figures">${pictures.map(figure).join("")}</div>`;
  const end = html.indexOf("</p>") + "</p>".length;
  return `${html.slice(0, end)}${figures}${html.slice(end)}`;
}

export function configure(config, pages) {
  config.addPlugin(syntax);
  config.amendLibrary("md", (markdown) => {
    markdown.set({ html: true });
    markdown.use(anchor, { slugify: slug, tabIndex: false });
  });
  config.setTemplateFormats(["md"]);
  const byPlace = new Map(pages.map((page) => [page.place, page]));
  for (const page of pages) {
    config.addTemplate(page.place.replace(/\.html$/, ".md"), page.body, {
      permalink: page.place,
      templateEngineOverride: "md",
      eleventyExcludeFromCollections: true,
    });
  }
  config.addTransform("layout", function (content) {
    const place =
      this.page.outputPath === false ? undefined : this.page.url.replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");
    const page = byPlace.get(place);
    if (page === undefined) throw new Error(`no page is known at ${place}`);
    const { title, pictures } = page;
    return layout({ title, place, content: withPictures(reachable(content), pictures), pages });
  });
}
