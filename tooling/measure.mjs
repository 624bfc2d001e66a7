/**
 * Counts what says whether the house is in order (docs/architecture.md): `npm run measure`, or `npm run measure -- FOLDER` for
 * another checkout. Sources of packages only: no tests, nothing generated.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { circlesOf, folderGraph, importsOf } from "./arrows.mjs";

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const long = 100;

const files = readdirSync(join(root, "packages"), { recursive: true })
  .filter((path) => /(^|\/)src\/.*\.ts$/.test(path) && !/node_modules|dist\/|generated\/|\.d\.ts$/.test(path))
  .map((path) => join(root, "packages", path))
  .sort();

const linesOf = (path) => readFileSync(path, "utf8").split("\n").length - 1;

/** Every function of more than a hundred lines, with its first line and its length. */
function longFunctions(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found = [];
  const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      const [first, last] = [lineOf(node.getStart(source)), lineOf(node.end)];
      const name = node.name?.getText(source) ?? node.parent?.name?.getText?.(source) ?? "(unnamed)";
      if (last - first + 1 > long)
        found.push({ name, place: `${relative(root, path)}:${first}`, lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const { modules } = await importsOf(root);
const fileGraph = new Map(
  modules.map(({ source, dependencies }) => [source, new Map(dependencies.map(({ resolved }) => [resolved, []]))]),
);
const lengths = files
  .map((path) => ({ path: relative(root, path), lines: linesOf(path) }))
  .sort((a, b) => a.lines - b.lines);
const functions = files.flatMap(longFunctions).sort((a, b) => b.lines - a.lines);
const circles = { files: circlesOf(fileGraph), folders: circlesOf(folderGraph(modules)) };
const show = (list) => list.map((circle) => circle.join(", "));

console.log(`files              ${files.length}, ${lengths.reduce((sum, { lines }) => sum + lines, 0)} lines`);
console.log(`median file        ${lengths[lengths.length >> 1].lines} lines`);
console.log(
  `largest files      ${lengths
    .slice(-5)
    .reverse()
    .map(({ path, lines }) => `${path} ${lines}`)
    .join(", ")}`,
);
console.log(`circles of files   ${circles.files.length}`, ...show(circles.files).map((line) => `\n  ${line}`));
console.log(`circles of folders ${circles.folders.length}`, ...show(circles.folders).map((line) => `\n  ${line}`));
console.log(
  `functions over ${long} ${functions.length}`,
  ...functions.map(({ name, place, lines }) => `\n  ${lines} ${name} (${place})`),
);
