import { GradpoolError, type Method } from "@gradpool/core";
import { type Manifest, manifestOf, ownManifest } from "../manifest.js";
import { didYouMean } from "../nearest.js";
import { methodsOf } from "./third-party.js";

/** A method and where it comes from. */
export interface FoundMethod {
  readonly method: Method;
  readonly package: string;
  readonly version: string;
}

/** The method packages are those that this package depends on: its package.json is the only list of them. */
function methodPackages(manifest: Manifest = ownManifest()): readonly string[] {
  return Object.keys(manifest.dependencies ?? {}).filter(
    (name) => name.startsWith("@gradpool/") && name !== "@gradpool/core",
  );
}

async function load(name: string): Promise<readonly FoundMethod[]> {
  const module = (await import(name)) as Record<string, unknown>;
  const version = manifestOf(name)?.version ?? "";
  return (methodsOf(module, name) ?? []).map((method) => ({ method, package: name, version }));
}

let everything: Promise<readonly FoundMethod[]> | undefined;

/** All methods of the packages that this one comes with, in the order of its dependencies. */
export function listMethods(): Promise<readonly FoundMethod[]> {
  everything ??= Promise.all(methodPackages().map(load)).then((lists) => lists.flat());
  return everything;
}

/** The method called `name`; most live in a package of the same name, which is then the only one loaded. */
export async function findMethod(name: string): Promise<FoundMethod | undefined> {
  const own = `@gradpool/${name}`;
  if (everything === undefined && methodPackages().includes(own)) {
    const found = (await load(own)).find(({ method }) => method.name === name);
    if (found !== undefined) return found;
  }
  return (await listMethods()).find(({ method }) => method.name === name);
}

/** The error for a name that is neither a method of ours nor an installed package. */
export async function unknownMethod(name: string, where: string, cause?: unknown): Promise<GradpoolError> {
  const known = (await listMethods()).map(({ method }) => method.name);
  return new GradpoolError({
    code: "unknown-method",
    what: `unknown method ${name}`,
    where,
    remedy: `${didYouMean(name, known, `the methods are ${known.join(", ")};`)} Third-party pools: ./path.js or the name of an installed package`,
    cause,
  });
}
