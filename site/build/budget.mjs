/** What pages weigh when first opened, compressed: everything that comes before anybody touches them. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const budgets = [
  { name: "first page", place: "index.html", limit: 200 },
  { name: "landscapes", place: "playground/index.html", limit: 400 },
  { name: "your gradients", place: "playground/gradients/index.html", limit: 400 },
  { name: "your report", place: "playground/report/index.html", limit: 400 },
];

/** The page, its style sheet, its pictures, its scripts and the scripts that those import at once. */
function filesOf(out, place) {
  const html = readFileSync(join(out, place), "utf8");
  const from = dirname(join(out, place));
  const files = new Set([join(out, place)]);
  const scripts = [];
  for (const [, href] of html.matchAll(/(?:src|href)="([^":#]+\.(?:js|css|png|svg))"/g)) {
    const path = join(from, href);
    files.add(path);
    if (path.endsWith(".js")) scripts.push(path);
  }
  for (let path = scripts.pop(); path !== undefined; path = scripts.pop()) {
    for (const [, , name] of readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?(["'])(\.[^"']+)\1/g)) {
      const imported = join(dirname(path), name);
      if (!files.has(imported)) scripts.push(imported);
      files.add(imported);
    }
  }
  return [...files];
}

/** Sizes of the pages with a budget; throws where one is over it. */
export function requireBudgets(out) {
  return budgets.map(({ name, place, limit }) => {
    const files = filesOf(out, place);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    const kilobytes = Math.ceil(bytes / 1000);
    if (kilobytes <= limit) return { name, kilobytes, limit };
    const list = files.map((file) => `${relative(out, file)} ${gzipSync(readFileSync(file)).length}`).join(", ");
    throw new Error(`${name} weighs ${kilobytes} kB compressed, its limit is ${limit}: ${list}`);
  });
}
