import { type GradientPool, GradpoolError, type Level } from "@gradpool/core";
import type { HostModel } from "@gradpool/models";

/** The level that the pool acts at, checked against what a model of embeddings alone can offer. */
export function resolveLevel(pool: GradientPool, asked: Level | undefined): Level {
  if (pool.spec !== 1) {
    throw new GradpoolError({
      code: "version",
      what: `protocol version ${String(pool.spec)}`,
      where: `pool ${pool.name}`,
      remedy: "use a version of the pool made for protocol 1",
    });
  }
  const level = asked ?? pool.level;
  if (level === "representation") {
    throw new GradpoolError({
      code: "unsupported",
      what: "level representation",
      where: `pool ${pool.name}, a host model`,
      remedy:
        'give level: "parameters"; a model of embeddings alone has no shared representation between rows and losses',
    });
  }
  if (level === "losses" && pool.needs !== "losses") {
    throw new GradpoolError({
      code: "unsupported",
      what: `level losses for a pool that needs ${pool.needs}`,
      where: `pool ${pool.name}`,
      remedy: 'give level: "parameters"',
    });
  }
  return level;
}

/** The tables that the pool balances: those named, by table or module; all of them by default. */
export function balancedTables(model: HostModel, balance: readonly string[] | undefined): ReadonlySet<string> {
  const names = model.tables.map((table) => table.name);
  if (balance === undefined) return new Set(names);
  const modules = model.tables.map((table) => table.module ?? table.name);
  for (const name of balance) {
    if (names.includes(name) || modules.includes(name)) continue;
    throw new GradpoolError({
      code: "invalid-option",
      what: `balance names ${name}`,
      where: `model ${model.name}`,
      remedy: `name tables or modules of: ${[...new Set([...names, ...modules])].join(", ")}`,
    });
  }
  const chosen = names.filter((name, k) => balance.includes(name) || balance.includes(modules[k] as string));
  if (chosen.length > 0) return new Set(chosen);
  throw new GradpoolError({
    code: "invalid-option",
    what: "balance names nothing",
    where: `model ${model.name}`,
    remedy: "name one table or more, or leave it out to balance all",
  });
}
