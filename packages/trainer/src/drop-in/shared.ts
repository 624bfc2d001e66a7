import { type GradientPool, GradpoolError } from "@gradpool/core";
import type { TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { PooledOptimizerOptions } from "./contract.js";
import type { Shared } from "./device-gradients.js";

/** The variables that the pool balances. Error `invalid-option`: an entry that is none, or stands there twice, or no entry. */
export function requireShared({ shared }: PooledOptimizerOptions, pool: GradientPool): readonly Shared[] {
  if (!Array.isArray(shared)) throw refused(`shared is ${describe(shared)}`, "shared");
  if (shared.length === 0 && pool.needs !== "losses") throw refused("shared is empty", "shared");
  const variables = (shared as readonly unknown[]).map((entry, k) => requireVariable(entry, `shared[${k}]`));
  const names = variables.map(({ name }) => name);
  const twice = names.findIndex((name, k) => names.indexOf(name) !== k);
  if (twice >= 0) throw refused(`${names[twice]} stands there twice`, `shared[${twice}]`);
  return variables.map(({ name, shape, size }) => ({ name, shape, size }));
}

/** Shared variables are looked up anew in each step: a model may have been disposed in between. */
export function requireAlive(tf: TensorOps, shared: readonly Shared[]): void {
  const gone = shared.find(({ name }) => tf.engine().registeredVariables[name] === undefined);
  if (gone === undefined) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `variable ${gone.name} was disposed, or belongs to another copy of tfjs`,
    where: "pooledOptimizer, shared",
    remedy: "make a pooled optimiser for the variables that are trained, with one @tensorflow/tfjs-core in the project",
  });
}

function requireVariable(entry: unknown, where: string): tfjs.Variable {
  const held = isObject(entry) && typeof entry["read"] === "function" ? (entry["read"] as () => unknown)() : entry;
  if (isObject(held) && typeof held["assign"] === "function" && "dataId" in held)
    return held as unknown as tfjs.Variable;
  throw refused(`it is ${describe(held)}`, where);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const describe = (value: unknown): string => (isObject(value) ? `no variable but ${kindOf(value)}` : String(value));

const kindOf = (value: object): string => {
  if ("trainableWeights" in value) return "a layer or model";
  return "dataId" in value ? "a tensor" : "an object";
};

const refused = (what: string, where: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-option",
    what,
    where: `pooledOptimizer, ${where}`,
    remedy: "give tf.Variables, or a layer's trainableWeights, each once",
  });
