/** What the search knows of the API reference: a record a page, from the page's own title and first words. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const kinds = ["functions", "interfaces", "types", "variables", "classes", "modules"];
const plain = (html) =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/&[a-z]+;|&#\d+;/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();

export function apiRecords(folder) {
  return kinds.flatMap((kind) => {
    const path = join(folder, kind);
    if (!existsSync(path)) return [];
    return readdirSync(path).map((file) => {
      const html = readFileSync(join(path, file), "utf8");
      const [, title = file] = /<title>([^<]*?)(?: \| gradpool)?<\/title>/.exec(html) ?? [];
      const [, body = ""] = /<div class="col-content">([\s\S]*?)<\/div><div class="col-sidebar">/.exec(html) ?? [];
      return {
        url: `api/${kind}/${file}`,
        content: plain(body).slice(0, 4000) || title,
        language: "en",
        meta: { title: `${title} (API)` },
      };
    });
  });
}
