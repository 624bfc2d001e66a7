import { chain, GradpoolError, type GradientPool, type JsonObject, type JsonValue, type Level } from "@gradpool/core";
import { type Link, parseSpecifier, type Specifier } from "./parse.js";
import { findMethod, unknownMethod } from "./registry.js";
import { isPath, loadThirdParty } from "./third-party.js";

/** A pool made from a specifier, and the level that the specifier asked for. */
export interface LoadedPool {
  readonly pool: GradientPool;
  /** Absent: the pool's own level. */
  readonly level?: Level;
  readonly specifier: Specifier;
}

export interface LoadOptions {
  /** Where paths start from and packages are looked for; default: the working folder. */
  readonly cwd?: string;
  /** Options beside those of the specifier; a single pool only. */
  readonly options?: JsonObject;
}

/**
 * The pool that a specifier names: `metabalance(relax=0.5)+pcgrad(against=target)@representation`. Methods of ours come
 * first, then packages installed in `cwd`; a path starts with `./`, `../` or `/`.
 */
export async function loadPool(text: string, { cwd = process.cwd(), options }: LoadOptions = {}): Promise<LoadedPool> {
  const specifier = parseSpecifier(text);
  const links = options === undefined ? specifier.links : [withOptions(specifier, options)];
  const pools = await Promise.all(links.map((link) => loadLink(link, text, cwd)));
  const pool = pools.length === 1 ? (pools[0] as GradientPool) : chain(...pools);
  return { pool, specifier, ...(specifier.level === undefined ? {} : { level: specifier.level }) };
}

/** Options given beside a specifier; one that both give must be the same. */
function withOptions({ links, text }: Specifier, options: JsonObject): Link {
  const [link] = links;
  if (link === undefined || (links.length > 1 && Object.keys(options).length > 0)) {
    throw new GradpoolError({
      code: "usage",
      what: "options for a chain",
      where: `pool specifier ${text}`,
      remedy: "write each link's options behind its name: a(option=value)+b(option=value)",
    });
  }
  const merged: Record<string, JsonValue> = { ...link.options };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (Object.hasOwn(merged, name) && JSON.stringify(merged[name]) !== JSON.stringify(value)) {
      throw new GradpoolError({
        code: "usage",
        what: `option ${name} is ${JSON.stringify(merged[name])} in the specifier and ${JSON.stringify(value)} beside it`,
        where: `pool specifier ${text}`,
        remedy: "give it once",
      });
    }
    merged[name] = value;
  }
  return { name: link.name, options: merged };
}

async function loadLink({ name, options }: Link, text: string, cwd: string): Promise<GradientPool> {
  const known = isPath(name) ? undefined : await findMethod(name);
  if (known !== undefined) return known.method.create(options);
  const other = await loadThirdParty(name, cwd);
  if (other !== undefined) return other.create(options);
  throw await unknownMethod(name, text === name ? "pool specifier" : `pool specifier ${text}`);
}
