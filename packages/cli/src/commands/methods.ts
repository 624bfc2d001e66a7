import { describeRange, GradpoolError, type JsonObject, type JsonValue, type Method } from "@gradpool/core";
import pc from "picocolors";
import { type FoundMethod, listMethods, unknownMethod } from "@gradpool/registry";
import { isPath, loadThirdParty, splitMember } from "@gradpool/registry";
import { type Command, defineCommand } from "../terminal/command.js";
import { table } from "../terminal/table.js";
import { manifestOf } from "@gradpool/registry";

/** A method as `gradpool methods --json` gives it. */
function describe({ method, package: from, version }: FoundMethod): JsonObject {
  const options: Record<string, JsonValue> = {};
  for (const [name, spec] of Object.entries(method.options)) {
    options[name] = {
      type: spec.type,
      default: spec.default,
      range: describeRange(spec),
      description: spec.description,
    };
  }
  const standard = method.options["granularity"]?.default;
  return {
    name: method.name,
    package: from,
    version,
    summary: method.summary,
    level: method.levels[0] ?? null,
    levels: [...method.levels],
    granularity: standard ?? method.granularities[0] ?? null,
    granularities: [...method.granularities],
    options,
    properties: { ...method.properties },
    paper: { ...method.paper },
  };
}

const paperOf = ({ paper }: Method): string => `${paper.title}. ${paper.authors}. ${paper.venue} ${paper.year}`;

function optionLine(name: string, spec: Method["options"][string]): string[] {
  return [name, JSON.stringify(spec.default), describeRange(spec), spec.description];
}

/** Everything about one method. */
function details({ method, package: from, version }: FoundMethod): string {
  const options = Object.entries(method.options).map(([name, spec]) => optionLine(name, spec));
  return [
    `${pc.bold(method.name)}  ${from} ${version}`,
    method.summary,
    "",
    `levels         ${method.levels.join(", ")}`,
    `granularities  ${method.granularities.join(", ") || "none: decides from losses"}`,
    `paper          ${paperOf(method)}${method.paper.url === undefined ? "" : `\n               ${method.paper.url}`}`,
    "",
    options.length === 0 ? "no options" : table(["option", "default", "range", "meaning"], options),
  ].join("\n");
}

function overview(found: readonly FoundMethod[]): string {
  const rows = found.map(({ method, package: from, version }) => [
    pc.bold(method.name),
    `${from} ${version}`,
    method.levels[0] ?? "",
    String(method.options["granularity"]?.default ?? method.granularities[0] ?? "-"),
    Object.entries(method.options)
      .filter(([name]) => name !== "granularity")
      .map(([name, spec]) => `${name}=${String(spec.default)}`)
      .join(" "),
    `${method.paper.venue} ${method.paper.year}`,
  ]);
  const list = table(["method", "package", "level", "granularity", "options and defaults", "paper"], rows);
  return `${list}\n\nOne in full, with ranges: gradpool methods NAME`;
}

async function find(name: string, cwd: string): Promise<readonly FoundMethod[]> {
  const own = (await listMethods()).filter(({ method }) => method.name === name);
  if (own.length > 0 && !isPath(name)) return own;
  const other = await loadThirdParty(name, cwd);
  if (other === undefined) throw await unknownMethod(name, "gradpool methods");
  if (other.methods === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: "the module does not describe its pools",
      where: name,
      remedy: "export `methods: Method[]` from it; it can be used as a pool as it is",
    });
  }
  const { source, member } = splitMember(name);
  const version = isPath(source) ? "" : (manifestOf(source, `${cwd}/package.json`)?.version ?? "");
  return other.methods
    .filter((method) => member === undefined || method.name === member)
    .map((method) => ({ method, package: source, version }));
}

export const methodsCommand: Command = defineCommand({
  name: "methods",
  summary: "list the methods that can be found, with their options",
  details: "NAME: a method, or a third party's ./path.js or package name.",
  examples: ["gradpool methods", "gradpool methods pcgrad", "gradpool methods ./my-pool.js", "gradpool methods --json"],
  args: {
    name: { type: "positional", required: false, description: "show one method in full" },
  },
  async run({ args, terminal }) {
    const found = args.name === undefined ? await listMethods() : await find(args.name, process.cwd());
    terminal.result(
      found.map((entry) => describe(entry)),
      () => (args.name === undefined ? overview(found) : found.map((entry) => details(entry)).join("\n\n")),
    );
  },
});
