import { GradpoolError } from "@gradpool/core";
import { didYouMean, isAllowed, isPath, loadModule, notAllowed, refuseRuntime, splitMember } from "@gradpool/registry";
import { parseCall } from "../options/call.js";
import { optionError } from "../options/errors.js";
import { type OptionSpecs, readText, requireKnown, type ValuesOf } from "../options/spec.js";
import type { Workload } from "./contract.js";
import { workloads } from "./list.js";

/** A workload, with the options that the model's specifier gives it. */
export interface NamedWorkload {
  readonly workload: Workload;
  readonly options: ValuesOf<OptionSpecs>;
}

export interface LoadWorkloadOptions {
  /** Where paths start from and packages are looked for; default: the working folder. */
  readonly cwd?: string;
  /** The paths and packages whose code may run where the name came as data; absent: whatever is named, as for pools. */
  readonly allow?: readonly string[] | undefined;
}

/**
 * What `model` names: one of ours, `mf(dim=64)`, or a third party's, `./my-model.js(depth=2)` or the name of an installed package,
 * looked for from `cwd`; `./models.js:name` where a module has several.
 */
export async function loadWorkload(
  text: string,
  { cwd = process.cwd(), allow }: LoadWorkloadOptions = {},
): Promise<NamedWorkload> {
  const { name, options } = parseCall(text, "model");
  const workload = workloads.find((known) => known.name === name) ?? (await thirdParty(name, cwd, allow));
  requireKnown(Object.keys(options), Object.keys(workload.options), `model ${name}`);
  const resolved = Object.entries(workload.options).map(([option, spec]) => [
    option,
    options[option] === undefined ? spec.default : readText(spec, String(options[option]), option, `model ${name}`),
  ]);
  return { workload, options: Object.fromEntries(resolved) as ValuesOf<OptionSpecs> };
}

async function thirdParty(name: string, cwd: string, allow: readonly string[] | undefined): Promise<Workload> {
  refuseRuntime(name, "model");
  const { source, member } = splitMember(name);
  // Before any look at the disk: whoever wrote the data must not learn what lies there.
  if (allow !== undefined && !isAllowed(name, cwd, allow)) {
    const refusal = notAllowed(name, "model");
    throw isPath(source) ? refusal : unknownModel(name, `; ${refusal.what}: ${refusal.remedy}`);
  }
  const module = await loadModule(source, cwd, "model");
  if (module === undefined) throw unknownModel(name);
  const list = checkWorkloads(module["workloads"], source);
  const found = member === undefined && list.length === 1 ? list[0] : list.find((entry) => entry.name === member);
  if (found !== undefined) return found;
  const what = member === undefined ? `${list.length} models in one module` : `no model ${member}`;
  throw optionError(what, source, `say which: ${list.map((entry) => `${source}:${entry.name}`).join(" | ")}`);
}

function unknownModel(name: string, more = ""): GradpoolError {
  const known = workloads.map((workload) => workload.name);
  const others = "a model of yours: ./path.js or the name of an installed package";
  const remedy = didYouMean(name, known, `the models are ${known.join(", ")}; ${others}`);
  return optionError(`unknown model ${name}`, "model", `${remedy}${more}`);
}

/** What a module says of its workloads, checked as far as can be seen from outside. */
function checkWorkloads(list: unknown, where: string): readonly Workload[] {
  const wrong = (what: string): GradpoolError =>
    new GradpoolError({ code: "invalid-input", what, where, remedy: "export `workloads: readonly Workload[]`" });
  if (!Array.isArray(list) || list.length === 0) throw wrong("no list of workloads among its exports");
  for (const entry of list as readonly Partial<Workload>[]) {
    if (entry.spec !== 1) {
      const remedy = "this release speaks version 1";
      const what = `a workload of version ${String(entry.spec)}`;
      throw new GradpoolError({ code: "version", what, where, remedy });
    }
    for (const part of ["name", "options", "metrics", "allTasks", "make"] as const)
      if (entry[part] === undefined) throw wrong(`${entry.name ?? "a workload"} has no ${part}`);
  }
  return list as readonly Workload[];
}
