/** The parts of a method's README that its metadata says: levels, options, properties, paper; and of every README, how to install. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { importSource } from "../typescript.mjs";
import { root, workspacePackages } from "../workspace.mjs";
import { replaceSection, table } from "./markdown.mjs";

const { describeRange } = await importSource("packages/core/src/index.ts");

const properties = {
  nonConflicting: "Conflicts with no task",
  permutationEquivariant: "Independent of the tasks' order",
  scaleLinear: "Scales with the gradients",
  taskScaleInvariant: "Direction independent of one task's scale",
  targetDescent: "Descends for the target",
};

export const readmes = (packages) =>
  packages.map(({ folder, methods }) => {
    const path = `${folder}/README.md`;
    const [first] = methods;
    let text = readFileSync(join(root, path), "utf8");
    if (!/^Levels:/m.test(text)) throw new Error(`${path} has no line "Levels: …" (sync): add one, it is written over`);
    text = text.replace(/^Levels:.*$/m, () => placesOf(first));
    text = withInstall(text, folder);
    text = replaceSection(text, "Options", () => once(methods, optionsOf), path);
    text = replaceSection(text, "Properties", () => `${introOf(methods)}\n\n${once(methods, propertiesOf)}`, path);
    text = replaceSection(text, "Paper", (own) => papersOf(methods, own), path);
    return [path, text];
  });

/** The same line in the READMEs of all other packages that say how to install them. */
export function installs(packages) {
  const methods = new Set(packages.map(({ folder }) => folder));
  return workspacePackages()
    .map(({ folder }) => [folder, `${folder}/README.md`])
    .filter(([folder, path]) => !methods.has(folder) && existsSync(join(root, path)))
    .map(([folder, path]) => [folder, path, readFileSync(join(root, path), "utf8")])
    .filter(([, , text]) => text.includes("\n## Install\n"))
    .map(([folder, path, text]) => [path, withInstall(text, folder)]);
}

/** What `npm install` of a README does not find yet, docs/install.md explains, in that one place. */
function withInstall(text, folder) {
  const line = `Not on a registry yet: [Install](${relative(folder, "docs/install.md")}) says how until it is. Then:`;
  const rest = (own) => own.replace(/^Not on a registry yet: .*\n+/, "");
  return replaceSection(text, "Install", (own) => `${line}\n\n${rest(own)}`, `${folder}/README.md`);
}

/** What `write` makes of each method, under its name where they differ. */
function once(methods, write) {
  const parts = methods.map(write);
  if (parts.every((part) => part === parts[0])) return parts[0];
  return methods.map(({ name }, k) => `\`${name}\`:\n\n${parts[k]}`).join("\n\n");
}

function placesOf({ levels, granularities }) {
  const places = granularities.length === 0 ? "" : ` Granularities: ${granularities.join(", ")}.`;
  return `Levels: ${levels.join(", ")}.${places}`;
}

function optionsOf({ options }) {
  const rows = Object.entries(options).map(([name, spec]) => [
    `\`${name}\``,
    `\`${JSON.stringify(spec.default).replaceAll('"', "")}\``,
    describeRange(spec),
    spec.description,
  ]);
  return rows.length === 0 ? "None." : table(["Option", "Default", "Range", "Meaning"], rows);
}

function introOf(methods) {
  const variants = methods.some((method) => method.variants !== undefined);
  const which = variants ? "under the default options unless others are named" : "under the default options";
  return `Declared ones are checked by \`@gradpool/testkit\`, ${which}.`;
}

function propertiesOf({ properties: own, variants = [] }) {
  const said = (declared) => (declared === true ? "yes" : `no: ${declared}`);
  const rows = (some, suffix) =>
    Object.keys(properties)
      .filter((property) => some[property] !== undefined)
      .map((property) => [`${properties[property]}${suffix}`, said(some[property])]);
  return table(
    ["Property", ""],
    [...rows(own, ""), ...variants.flatMap((variant) => rows(variant.properties, `, with ${conditionsOf(variant)}`))],
  );
}

function conditionsOf({ options, maxTasks }) {
  const chosen = Object.entries(options).map(([name, value]) => `\`${name}: ${value}\``);
  return [...chosen, ...(maxTasks === undefined ? [] : [`up to ${maxTasks} tasks`])].join(", ");
}

/** One paragraph for each paper; what is written by hand below them stays. */
function papersOf(methods, own) {
  const all = methods.map(({ paper }) => {
    const link = paper.url === undefined ? "" : ` <${paper.url}>`;
    return `${paper.authors}: _${paper.title}_, ${paper.venue} ${paper.year}.${link}`;
  });
  const cited = [...new Set(all)];
  return [...cited, ...own.split(/\n{2,}/).slice(cited.length)].join("\n\n");
}
