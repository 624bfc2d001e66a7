/**
 * The arrows of the house (docs/architecture.md), checked: `npm run arrows`. Refused are a circle between files, a circle
 * between folders, and an arrow between packages that the list below does not name. Imports of types count.
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

/** A package, or the wing of the methods → what its sources may import. `name:types`: its types, and nothing that runs. */
export const arrows = {
  core: [],
  files: ["core"],
  linalg: ["core"],
  testkit: ["core"],
  methods: ["core", "linalg"],
  data: ["core", "files"],
  metrics: ["core"],
  models: ["core", "data"],
  registry: ["core", "methods"],
  trainer: ["core", "files", "data", "metrics", "models"],
  runs: ["core", "files", "data", "metrics", "models", "registry", "trainer"],
  bench: ["core", "files", "data", "metrics", "registry", "runs"],
  queue: ["core", "files", "bench", "runs"],
  report: ["core", "files", "metrics", "bench:types"],
  cli: ["core", "data", "metrics", "registry", "trainer", "runs", "bench", "report", "queue"],
  native: ["core"],
};

const sources = (name) => (name === "methods" ? "^packages/methods/[^/]+/src/" : `^packages/${name}/src/`);

/** One method must not import another: of the wing, an arrow may only stay inside the package that it starts from. */
const betweenMethods = {
  name: "methods",
  severity: "error",
  from: { path: "^packages/methods/([^/]+)/src/" },
  to: { path: "^packages/methods/([^/]+)/src/", pathNot: "^packages/methods/$1/src/" },
};

function rulesOf(name) {
  const allowed = arrows[name];
  const whole = [name, ...allowed.map((other) => other.split(":")[0])];
  const typesOnly = allowed.filter((other) => other.endsWith(":types")).map((other) => other.split(":")[0]);
  const rule = (to) => ({ name, severity: "error", from: { path: sources(name) }, to });
  return [
    rule({ path: "^packages/", pathNot: whole.map(sources) }),
    ...typesOnly.map((other) => rule({ path: sources(other), dependencyTypesNot: ["type-only"] })),
  ];
}

const unlisted = {
  name: "unlisted",
  severity: "error",
  from: { path: "^packages/", pathNot: Object.keys(arrows).map(sources) },
  to: { path: "^packages/" },
};

const cruiseOptions = (root) => ({
  baseDir: root,
  includeOnly: "^packages/(methods/)?[^/]+/src/",
  exclude: { path: "/generated/" },
  tsPreCompilationDeps: true,
  tsConfig: { fileName: join(root, "tsconfig.json") },
  validate: true,
  ruleSet: {
    forbidden: [
      { name: "circle", severity: "error", from: {}, to: { circular: true } },
      ...Object.keys(arrows).flatMap(rulesOf),
      betweenMethods,
      unlisted,
    ],
  },
});

/**
 * What files import of each other, by folder: folder → folder → the imports that tie them, as `file → file`. A file that nobody
 * imports is a door of its package (index.ts, a worker), and its imports are no ties.
 */
export function folderGraph(modules) {
  const graph = new Map();
  const imported = new Set(modules.flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved)));
  for (const { source, dependencies } of modules) {
    if (source.endsWith("/src/index.ts") || !imported.has(source)) continue;
    for (const { resolved } of dependencies) {
      const [from, to] = [dirname(source), dirname(resolved)];
      if (from === to) continue;
      if (!graph.has(from)) graph.set(from, new Map());
      const ties = graph.get(from);
      ties.set(to, [...(ties.get(to) ?? []), `${source} → ${resolved}`]);
    }
  }
  return graph;
}

/** The strongly connected components of more than one node (Tarjan 1972), each sorted. */
export function circlesOf(graph) {
  const [index, low, stack, circles] = [new Map(), new Map(), [], []];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node)?.keys() ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const found = stack.splice(stack.indexOf(node));
    if (found.length > 1) circles.push(found.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return circles;
}

/** Every import between the sources below `root`, which becomes the working directory: names are resolved from there. */
export async function importsOf(root) {
  process.chdir(root);
  const tsConfig = extractTSConfig(join(root, "tsconfig.json"));
  const { output } = await cruise(["packages"], cruiseOptions(root), undefined, { tsConfig });
  return output;
}

/** One line a fault; none if every arrow is as it should be. */
export async function faultsIn(root) {
  const { modules, summary } = await importsOf(root);
  const lines = new Map();
  for (const { rule, from, to, cycle } of summary.violations) {
    if (rule.name === "circle") {
      const files = [from, ...cycle.map(({ name }) => name)];
      lines.set(`circle ${[...new Set(files)].sort().join()}`, `files in a circle: ${files.join(" → ")}`);
    } else if (rule.name === "unlisted") {
      lines.set(
        `package ${dirname(from)}`,
        `${from}: its package is in no list of arrows: add it to tooling/arrows.mjs`,
      );
    } else {
      const may = rule.name === "methods" ? ["core", "linalg"] : arrows[rule.name];
      const remedy = may.length === 0 ? "it may import no other package" : `it may import ${may.join(", ")}`;
      lines.set(`arrow ${from} ${to}`, `an arrow against the house: ${from} → ${to} (${rule.name}: ${remedy})`);
    }
  }
  const graph = folderGraph(modules);
  const folders = circlesOf(graph).map((circle) => {
    const ties = circle.flatMap((from) =>
      [...(graph.get(from) ?? [])].filter(([to]) => circle.includes(to)).map(([, [tie]]) => `  ${tie}`),
    );
    return [`folders in a circle: ${circle.join(", ")}`, ...ties].join("\n");
  });
  return [...lines.values(), ...folders];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = await faultsIn(resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url))));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0)
    console.error(`\n${faults.length} faults. What may import what, and why: docs/architecture.md`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
