/** The pages that are made of documents: where each comes from, where it goes, and how links between them change. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { root, workspacePackages } from "../../tooling/workspace.mjs";
import { readMethods } from "../../tooling/sync/methods.mjs";
import { pictureOf } from "./pictures.mjs";

const titleOf = (text) => /^# (.+)$/m.exec(text)[1].replaceAll("`", "");

/** Where a document of the repository stands on the site, without a leading slash; undefined: it has no page. */
function placeOf(path) {
  if (path === "README.md") return "index.html";
  if (path === "docs/README.md") return "docs/index.html";
  const [, document] = /^docs\/([^/]+)\.md$/.exec(path) ?? [];
  if (document !== undefined) return `docs/${document}/index.html`;
  const [, nested] = /^docs\/(results\/[^/]+)\.md$/.exec(path) ?? [];
  if (nested !== undefined) return `docs/${nested.replace(/\/README$/, "")}/index.html`;
  const [, method] = /^packages\/methods\/([^/]+)(?:\/(?:README\.md)?)?$/.exec(path) ?? [];
  if (method !== undefined) return `methods/${method}/index.html`;
  const [, name] = /^packages\/([^/]+)(?:\/(?:README\.md)?)?$/.exec(path) ?? [];
  return name === undefined || name === "methods" ? undefined : `packages/${name}/index.html`;
}

const folderOf = (place) => (dirname(place) === "." ? "" : `${dirname(place)}/`);

/** From one page to another, or to a file, without naming where the site lies. */
export function linkTo(from, to) {
  const path = relative(dirname(from), folderOf(to) === to ? to : to.replace(/index\.html$/, "")) || ".";
  return to.endsWith("index.html") ? `${path.replace(/\/$/, "")}/` : path;
}

/** Links of a document to documents become links between pages; those to sources and other files lead to their names only. */
function rewrite(markdown, source, place, files) {
  return markdown.replaceAll(/(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, image, label, target) => {
    if (/^(?:[a-z]+:|#)/.test(target)) return whole;
    const [path, hash = ""] = target.split("#");
    const found = normalize(join(dirname(source), path)).replace(/\/$/, "");
    const page = placeOf(found);
    const anchor = hash === "" ? "" : `#${hash}`;
    if (page !== undefined && existsSync(join(root, found)))
      return `${image}[${label}](${linkTo(place, page)}${anchor})`;
    if (found === "docs/api") return `[${label}](${linkTo(place, "api/index.html")})`;
    if (/\.(?:png|svg|json|csv)$/.test(found) && existsSync(join(root, found))) {
      files.add(found);
      return `${image}[${label}](${relative(dirname(place), `files/${found}`)})`;
    }
    return `**${label}** (\`${found}\`)`;
  });
}

const order = readFileSync(join(root, "docs/README.md"), "utf8");
const rank = (name) => (order.indexOf(`(${name})`) < 0 ? 1e6 : order.indexOf(`(${name})`));

/** Every document's page, in the order of the navigation, with the files that they show. */
export async function documentPages() {
  const files = new Set();
  const page = (source, group, extra = {}) => {
    const text = readFileSync(join(root, source), "utf8");
    const place = placeOf(source);
    return { source, place, group, title: titleOf(text), body: rewrite(text, source, place, files), ...extra };
  };
  const documents = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => page(`docs/${name}`, "Guides"));
  const results = existsSync(join(root, "docs/results"))
    ? readdirSync(join(root, "docs/results"))
        .filter((name) => name.endsWith(".md"))
        .map((name) => page(`docs/results/${name}`, "Results"))
    : [];
  const packages = await readMethods();
  const methods = await Promise.all(
    packages.map(async ({ folder, methods: own }) =>
      page(`${folder}/README.md`, "Methods", { pictures: await Promise.all(own.map(pictureOf)) }),
    ),
  );
  const others = workspacePackages()
    .filter(({ folder }) => !folder.startsWith("packages/methods/"))
    .map(({ folder }) => page(`${folder}/README.md`, "Packages"));
  const home = [page("README.md", ""), page("docs/README.md", "")];
  return { pages: [...home, ...documents, ...results, ...methods, ...others], files };
}
