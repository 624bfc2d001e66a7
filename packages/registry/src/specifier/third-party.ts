/**
 * Pools from elsewhere: `./my-pool.js`, or the name of a package that is installed where the program runs. Such a module
 * offers, in this order:
 *
 * 1. `export const methods: readonly Method[]`: described methods, as our own packages have them. With more than one,
 *    the specifier says which: `./my-pools.js:name`;
 * 2. `export function createPool(options) => GradientPool`;
 * 3. `export default` such a function, or such a function as its only exported function.
 */
import { GradpoolError, type GradientPool, type JsonObject, type Method } from "@gradpool/core";
import { loadModule, splitMember } from "./module.js";

/** The version of the protocol that this release speaks. */
const knownSpec = 1;

export interface ThirdParty {
  readonly methods?: readonly Method[];
  create(options: JsonObject): GradientPool;
}

/** The methods that a module lists, checked; undefined if it lists none. */
export function methodsOf(module: Record<string, unknown>, where: string): readonly Method[] | undefined {
  const { methods } = module;
  if (methods === undefined) return undefined;
  if (!Array.isArray(methods) || methods.length === 0)
    throw notAPool(where, "its export `methods` is not a list of methods");
  for (const method of methods as readonly Partial<Method>[]) {
    const named = typeof method?.name === "string" ? method.name : undefined;
    if (named === undefined || typeof method.create !== "function") {
      throw notAPool(where, `an entry of \`methods\` has no ${named === undefined ? "name" : "create function"}`);
    }
    checkSpec(method.spec, `${where}, method ${named}`);
  }
  return methods as readonly Method[];
}

/** A pool that a third party made, checked as far as can be seen from outside. */
function checkPool(pool: unknown, where: string): GradientPool {
  const candidate = pool as Partial<GradientPool> | null;
  if (typeof candidate !== "object" || candidate === null) throw notAPool(where, `it answered with ${typeof pool}`);
  checkSpec(candidate.spec, where);
  if (
    typeof candidate.init !== "function" ||
    typeof candidate.pool !== "function" ||
    typeof candidate.name !== "string"
  ) {
    throw notAPool(where, "what it answered with has no name, init and pool");
  }
  return candidate as GradientPool;
}

function checkSpec(spec: unknown, where: string): void {
  if (spec === knownSpec) return;
  throw new GradpoolError({
    code: "version",
    what: spec === undefined ? "no protocol version" : `protocol version ${JSON.stringify(spec)}`,
    where,
    remedy: `this release speaks version ${knownSpec}: ${typeof spec === "number" && spec > knownSpec ? "update @gradpool/registry" : `set \`spec: ${knownSpec}\``}`,
  });
}

function notAPool(where: string, what: string): GradpoolError {
  return new GradpoolError({
    code: "invalid-input",
    what,
    where,
    remedy: "export `methods: Method[]`, or a function createPool(options) that answers with a GradientPool",
  });
}

/** Loads a path or an installed package; undefined if no such package is installed. */
export async function loadThirdParty(name: string, cwd: string): Promise<ThirdParty | undefined> {
  const { source, member } = splitMember(name);
  const module = await loadModule(source, cwd, "pool specifier");
  if (module === undefined) return undefined;
  const methods = methodsOf(module, source);
  if (methods !== undefined) {
    return { methods, create: (options) => checkPool(pick(methods, member, source).create(options), source) };
  }
  const factory = factoryOf(module, member);
  if (factory === undefined) throw notAPool(source, "no pool among its exports");
  return { create: (options) => checkPool(factory(options), source) };
}

function pick(methods: readonly Method[], member: string | undefined, source: string): Method {
  const names = methods.map(({ name }) => name);
  const found = member === undefined && methods.length === 1 ? methods[0] : methods.find(({ name }) => name === member);
  if (found !== undefined) return found;
  throw new GradpoolError({
    code: "unknown-method",
    what: member === undefined ? `${methods.length} methods in one module` : `no method ${member}`,
    where: source,
    remedy: `say which: ${names.map((name) => `${source}:${name}`).join(" | ")}`,
  });
}

type Factory = (options: JsonObject) => unknown;

function factoryOf(module: Record<string, unknown>, member: string | undefined): Factory | undefined {
  const isFunction = (value: unknown): value is Factory => typeof value === "function";
  if (member !== undefined) return isFunction(module[member]) ? module[member] : undefined;
  if (isFunction(module["createPool"])) return module["createPool"];
  if (isFunction(module["default"])) return module["default"];
  const functions = Object.values(module).filter(isFunction);
  return functions.length === 1 ? functions[0] : undefined;
}
