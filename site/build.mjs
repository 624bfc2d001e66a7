/**
 * `npm run site [-- --out DIR] [-- --no-api] [-- --serve [--port N]]`: the site, from the documents, the packages' READMEs, the API reference and the playground.
 * Every link is relative, so the folder can be put anywhere.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import Eleventy from "@11ty/eleventy";
import * as pagefind from "pagefind";
import { importSource } from "../tooling/typescript.mjs";
import { root } from "../tooling/workspace.mjs";
import { apiRecords } from "./build/api.mjs";
import { requireBudgets } from "./build/budget.mjs";
import { bundle } from "./build/bundle.mjs";
import { configure } from "./build/eleventy.mjs";
import { layout } from "./build/layout.mjs";
import { documentPages } from "./build/pages.mjs";
import { serve } from "./build/serve.mjs";

const site = fileURLToPath(new URL(".", import.meta.url));

const put = (out, path, text) => {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
};

/** Builds the site into the folder `out`, which is replaced whole when all of it is made. Answers with its sizes. */
export async function buildSite({ out, api = true }) {
  requireOwn(out);
  const made = `${out}.making`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  try {
    const { pages, files } = await documentPages();
    await Promise.all([bundle(made), api ? apiReference(join(made, "api")) : noApi(made, pages)]);
    await documents(pages, made);
    for (const file of files) {
      mkdirSync(dirname(join(made, "files", file)), { recursive: true });
      cpSync(join(root, file), join(made, "files", file));
    }
    for (const [name, title, place, inline] of [
      ["landscapes", "Landscapes", "playground/index.html", false],
      ["gradients", "Your gradients", "playground/gradients/index.html", false],
      ["report", "Your report", "playground/report/index.html", true],
    ]) {
      const content = readFileSync(join(site, `pages/${name}.html`), "utf8");
      put(made, place, layout({ title, place, content, pages, script: name, wide: true, inline }));
    }
    const { palette } = await importSource("packages/report/src/page/palette.ts");
    put(made, "site.css", `${palette}\n${readFileSync(join(site, "assets/site.css"), "utf8")}`);
    cpSync(join(site, "assets/icon.svg"), join(made, "icon.svg"));
    await searchIndex(made);
    const sizes = requireBudgets(made);
    rmSync(out, { recursive: true, force: true });
    renameSync(made, out);
    return { pages: pages.length, sizes };
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Markdown → pages, by Eleventy. */
async function documents(pages, out) {
  // All pages are given by name; Eleventy wants a folder to look into all the same.
  const empty = join(out, ".empty");
  mkdirSync(empty, { recursive: true });
  const eleventy = new Eleventy(relative(process.cwd(), empty), relative(process.cwd(), out), {
    quietMode: true,
    configPath: false,
    config: (config) => configure(config, pages),
  });
  await eleventy.write();
  rmSync(empty, { recursive: true });
}

function apiReference(out) {
  return new Promise((done, fail) => {
    const typedoc = join(root, "node_modules/.bin/typedoc");
    const child = spawn(typedoc, ["--out", out, "--treatWarningsAsErrors", "--logLevel", "Warn"], { cwd: root });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`typedoc: ${said.trim()}`))));
  });
}

async function noApi(out, pages) {
  const place = "api/index.html";
  const content = "<h1>API reference</h1><p>Left out of this build.</p>";
  put(out, place, layout({ title: "API reference", place, content, pages, searchable: false }));
}

async function searchIndex(out) {
  const { index } = await pagefind.createIndex({ forceLanguage: "en" });
  const { errors } = await index.addDirectory({
    path: out,
    glob: "{*.html,docs/**/*.html,methods/**/*.html,packages/**/*.html,playground/**/*.html}",
  });
  if (errors.length > 0) throw new Error(errors.join("; "));
  for (const record of apiRecords(join(out, "api"))) await index.addCustomRecord(record);
  await index.writeFiles({ outputPath: join(out, "pagefind") });
  await pagefind.close();
}

/** A folder that holds something else than a site of before is nobody's to replace. */
function requireOwn(out) {
  const held = existsSync(out) ? readdirSync(out) : [];
  if (held.length === 0 || (held.includes("site.css") && held.includes("pagefind"))) return;
  throw new Error(`${out} holds other things than a site: nothing is replaced; give --out a folder of its own`);
}

function asked() {
  const options = {
    out: { type: "string", default: join(site, "dist") },
    "no-api": { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
    port: { type: "string", default: "4173" },
  };
  const { values } = parseArgs({ options });
  const port = Number(values.port);
  if (values.port === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port is ${values.port}: give an integer from 0 (any that is free) to 65535`);
  return { out: resolve(values.out), api: !values["no-api"], serving: values.serve, port };
}

async function main() {
  const { out, api, serving, port } = asked();
  const start = performance.now();
  const { pages, sizes } = await buildSite({ out, api });
  for (const { name, kilobytes, limit } of sizes) console.log(`${name}: ${kilobytes} kB compressed (limit ${limit})`);
  console.log(`${pages} documents → ${out} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (serving) console.log(`on ${(await serve(out, "/", port)).url}; Ctrl-C ends it`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await main();
  } catch (error) {
    console.error(`site: ${error.message}`);
    process.exitCode = 1;
  }
}
