import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { failure, reason } from "./error.js";
import { fetchOk } from "./http.js";
import type { IndexConfig } from "./pip-config.js";
import type { IndexFile } from "./wheel.js";
import { normalize } from "./wheel.js";

const accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

interface SimpleJson {
  readonly files: readonly {
    readonly filename: string;
    readonly url: string;
    readonly hashes?: { readonly sha256?: string };
    readonly size?: number;
    readonly yanked?: boolean | string;
  }[];
}

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};
const unescape = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] as string);

/** The files of a project's page: JSON (PEP 691) or HTML (PEP 503), with addresses made absolute. */
export function parseProjectPage(body: string, type: string, base: string): IndexFile[] {
  if (type.includes("json")) {
    return (JSON.parse(body) as SimpleJson).files.map((file) => ({
      filename: file.filename,
      url: new URL(file.url, base).href,
      sha256: file.hashes?.sha256,
      size: file.size,
      yanked: file.yanked !== undefined && file.yanked !== false,
    }));
  }
  return [...body.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes = "", text = ""]) => {
    const href = /href\s*=\s*["']([^"']+)["']/i.exec(attributes)?.[1];
    if (href === undefined) return [];
    const url = new URL(unescape(href), base);
    const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
    url.hash = "";
    return [{ filename: unescape(text.trim()), url: url.href, sha256, yanked: /data-yanked/i.test(attributes) }];
  });
}

async function ofIndex(index: string, project: string, signal: AbortSignal | undefined): Promise<IndexFile[]> {
  const url = `${index.replace(/\/+$/, "")}/${normalize(project)}/`;
  if (url.startsWith("file:")) {
    const page = join(fileURLToPath(url), "index.html");
    return existsSync(page) ? parseProjectPage(readFileSync(page, "utf8"), "text/html", url) : [];
  }
  const response = await fetchOk(url, { accept }, signal, [404]);
  if (response.status === 404) return [];
  return parseProjectPage(await response.text(), response.headers.get("content-type") ?? "", response.url);
}

/** Every file that the configured indexes and local `find-links` folders offer for a project. */
export async function listFiles(config: IndexConfig, project: string, signal?: AbortSignal): Promise<IndexFile[]> {
  if (config.indexes.length === 0 && config.links.length === 0)
    throw failure(
      "not-found",
      "no package index is configured",
      project,
      "set PIP_INDEX_URL (or index-url in pip.conf), install pip, which knows its own, or pass --wheel FILE",
    );
  const files: IndexFile[] = [];
  for (const link of config.links) {
    const folder = link.startsWith("file:") ? fileURLToPath(link) : link;
    if (existsSync(folder))
      for (const filename of readdirSync(folder))
        files.push({ filename, url: pathToFileURL(join(folder, filename)).href });
  }
  const problems: string[] = [];
  for (const index of config.indexes) {
    try {
      files.push(...(await ofIndex(index, project, signal)));
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(reason(error));
    }
  }
  if (files.length === 0 && problems.length > 0)
    throw failure(
      "failed",
      `no package index answered: ${problems.join("; ")}`,
      project,
      "check the network, PIP_INDEX_URL and pip.conf, or pass --wheel FILE",
    );
  return files;
}
