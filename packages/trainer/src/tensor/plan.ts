import { GradpoolError, type Level, type TaskSet, taskSet } from "@gradpool/core";
import type { TensorEngineOptions } from "./options.js";

/** What is decided once, when an engine is made. */
export interface Plan {
  readonly tasks: TaskSet;
  readonly level: Level;
  /** Shared parameters that the pool sees, tables and variables, in the model's order (parameters level). */
  readonly balanced: ReadonlySet<string>;
}

export function planOf(options: TensorEngineOptions): Plan {
  const { model, pool, balance } = options;
  const names = model.tasks.map((task) => task.name);
  const target = options.target === undefined ? 0 : names.indexOf(options.target);
  if (target < 0) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `target is ${options.target}`,
      where: "createTensorEngine",
      remedy: `the tasks are ${names.join(", ")}`,
    });
  }
  if (pool.spec !== 1) {
    throw new GradpoolError({
      code: "version",
      what: `pool ${pool.name} speaks protocol ${String(pool.spec)}`,
      where: "createTensorEngine",
      remedy: "this trainer knows protocol 1: install matching versions of the two packages",
    });
  }
  const level = options.level ?? pool.level;
  if (level === "losses" && pool.needs !== "losses") {
    throw new GradpoolError({
      code: "invalid-option",
      what: `${pool.name} at the losses level`,
      where: "createTensorEngine",
      remedy: `it needs ${pool.needs === "gradients" ? "gradients" : `the gradients' ${pool.needs}`}: use representation or parameters`,
    });
  }
  const shared = [
    ...model.tables.map(({ name, module }) => ({ name, module: module ?? name })),
    ...model.variables.flatMap(({ name, module, owner }) => (owner === null ? [{ name, module: module ?? name }] : [])),
  ];
  if (balance !== undefined && level !== "parameters") {
    throw new GradpoolError({
      code: "invalid-option",
      what: `balance at the ${level} level`,
      where: "createTensorEngine",
      remedy: "name parts of the model at the parameters level only",
    });
  }
  for (const name of balance ?? []) {
    if (shared.some((entry) => entry.name === name || entry.module === name)) continue;
    throw new GradpoolError({
      code: "invalid-option",
      what: `balance names ${name}`,
      where: "createTensorEngine",
      remedy: `shared parameters and modules are ${[...new Set(shared.flatMap((e) => [e.name, e.module]))].join(", ")}`,
    });
  }
  const balanced = shared.filter(
    (entry) => balance === undefined || balance.includes(entry.name) || balance.includes(entry.module),
  );
  return { tasks: taskSet(names, target), level, balanced: new Set(balanced.map((entry) => entry.name)) };
}
