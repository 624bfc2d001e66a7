import {
  chain,
  given,
  GradpoolError,
  type GradientPool,
  type JsonObject,
  type JsonValue,
  type Level,
  noteOrigin,
} from "@gradpool/core";
import { type Link, parseSpecifier, type Specifier } from "./parse.js";
import { findMethod, unknownMethod } from "./registry.js";
import { isPath, isThere } from "./module.js";
import { isAllowed, notAllowed, refuseRuntime } from "./permission.js";
import { loadThirdParty } from "./third-party.js";

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
  /**
   * For a specifier that came as data (in a request, a configuration, a recipe): the paths and packages whose code may run
   * all the same, beside the methods of ours and the packages of our scope. Absent: the caller wrote the specifier
   * himself, and what it names may run.
   */
  readonly allow?: readonly string[];
}

/**
 * The pool that a specifier names: `metabalance(relax=0.5)+pcgrad(against=target)@representation`. Methods of ours come
 * first, then packages installed in `cwd`; a path starts with `./`, `../` or `/`.
 */
export async function loadPool(
  text: string,
  { cwd = process.cwd(), options, allow }: LoadOptions = {},
): Promise<LoadedPool> {
  const specifier = parseSpecifier(text);
  const links = options === undefined ? specifier.links : [withOptions(specifier, options)];
  for (const { name } of links) await checkName(name, text, { cwd, allow });
  const pools = await Promise.all(links.map((link) => loadLink(link, text, cwd)));
  const pool = pools.length === 1 ? (pools[0] as LoadedLink).pool : chain(...pools.map((link) => link.pool));
  const sources = pools.flatMap(({ source }) => source ?? []);
  if (sources.length > 0) noteOrigin(pool, sources.join(" or "));
  return { pool, specifier, ...given({ level: specifier.level }) };
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
  const merged = new Map<string, JsonValue>(Object.entries(link.options));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (merged.has(name) && JSON.stringify(merged.get(name)) !== JSON.stringify(value)) {
      throw new GradpoolError({
        code: "usage",
        what: `option ${name} is ${JSON.stringify(merged.get(name))} in the specifier and ${JSON.stringify(value)} beside it`,
        where: `pool specifier ${text}`,
        remedy: "give it once",
      });
    }
    merged.set(name, value);
  }
  // Own properties whatever their names: a key such as __proto__ must be met as an unknown option.
  return { name: link.name, options: Object.fromEntries(merged) };
}

/** What nobody allowed may as well be a slip: of a name that is no path, what there is. */
async function refusalOf(name: string, where: string): Promise<GradpoolError> {
  const refusal = notAllowed(name);
  if (isPath(name)) return refusal;
  const { code, what, remedy } = await unknownMethod(name, where);
  return new GradpoolError({ code, what, where, remedy: `${remedy}; ${refusal.what}: ${refusal.remedy}` });
}

/** Every link may run, or none does: checked before any code is loaded. */
async function checkName(
  name: string,
  text: string,
  { cwd, allow }: { readonly cwd: string; readonly allow: readonly string[] | undefined },
): Promise<void> {
  if (!isPath(name) && (await findMethod(name)) !== undefined) return;
  refuseRuntime(name);
  const where = text === name ? "pool specifier" : `pool specifier ${text}`;
  // Before any look at the disk: whoever wrote the data must not learn what lies there.
  if (allow !== undefined && !isAllowed(name, cwd, allow)) throw await refusalOf(name, where);
  if (!isThere(name, cwd, "pool specifier")) throw await unknownMethod(name, where);
}

interface LoadedLink {
  readonly pool: GradientPool;
  /** Of a third party's, as it was named. */
  readonly source?: string;
}

async function loadLink({ name, options }: Link, text: string, cwd: string): Promise<LoadedLink> {
  const known = isPath(name) ? undefined : await findMethod(name);
  if (known !== undefined) return { pool: known.method.create(options) };
  const other = await loadThirdParty(name, cwd);
  if (other !== undefined) return { pool: other.create(options), source: name };
  throw await unknownMethod(name, text === name ? "pool specifier" : `pool specifier ${text}`);
}
