import { isGradpoolError, stateToJson } from "@gradpool/core";
import { assert, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { fingerprint } from "./lab.js";
import type { BatchLike, LookupLike, ModelKit, ModelLike } from "./types.js";

const initializers = ["normal", "uniform", "xavier", "he", "constant"];

/** What a model says of itself, and which rows it reads. */
export function structureCases<M extends ModelLike>(model: M, kit: ModelKit<M>): ConformanceCase[] {
  return [
    check("structure", "describes itself, with options that JSON keeps", () => {
      assert(model.name.length > 0, () => "the name is empty");
      const text = JSON.stringify(model.options);
      assert(text === JSON.stringify(stateToJson(model.options)), () => `options change in JSON: ${text}`);
      distinct(
        "task",
        model.tasks.map(({ name }) => name),
      );
      assert(model.tasks.length > 0, () => "no tasks");
      for (const { name, objective } of model.tasks)
        assert(objective.length > 0, () => `task ${name} has no objective`);
    }),
    check("structure", "names its tables and variables once, with sizes and starts", () => {
      const variables = model.kind === "embedding" ? [] : model.variables;
      const statistics = (model.kind === "tensor" ? model.statistics : undefined) ?? [];
      distinct(
        "table, variable or statistic",
        [...model.tables, ...variables, ...statistics].map(({ name }) => name),
      );
      for (const { name, rows, dim, init } of model.tables) {
        assert(whole(rows) && whole(dim), () => `table ${name} has ${rows} rows of ${dim}`);
        assert(initializers.includes(init.kind), () => `table ${name} starts from ${init.kind}`);
      }
      const tasks = model.tasks.map((task) => task.name);
      for (const { name, shape, init, owner } of variables) {
        assert(shape.every(whole), () => `variable ${name} has shape ${shape.join(" × ")}`);
        assert(initializers.includes(init.kind), () => `variable ${name} starts from ${init.kind}`);
        assert(owner === null || tasks.includes(owner), () => `variable ${name} belongs to ${owner}, no task`);
      }
      ranks(model);
    }),
    check("structure", "looks up rows that its tables have, the same ones again for the same batch", () => {
      for (const [task, batch] of batchesOf(model, kit, 1)) {
        const lookups = lookupsOf(model, task, batch);
        assert(lookups.length > 0 || model.tables.length === 0, () => "no lookups");
        for (const lookup of lookups) checkLookup(model, lookup);
        // A model may use one buffer for all calls, so the first answer is kept as text.
        const before = fingerprint(lookups);
        assert(before === fingerprint(lookupsOf(model, task, batch)), () => "other lookups the second time");
      }
    }),
    check("structure", "reads the kind of batch that it says, and refuses another by name", () => {
      for (const [task, batch] of batchesOf(model, kit, 1)) {
        if (model.kind !== "tensor") {
          const says = model.tasks[task]?.batch;
          assert(
            says === batch.kind,
            () => `task ${model.tasks[task]?.name} reads ${says}, the batch is ${batch.kind}`,
          );
        } else {
          const other = { kind: "no-such-kind", size: batch.size };
          const message = refusal(() => lookupsOf(model, task, other), "lookups took a batch of the kind no-such-kind");
          assert(message.includes("no-such-kind"), () => `"${message}" does not name the batch's kind`);
        }
      }
    }),
    ...Object.entries(kit.refuses ?? {}).map(([option, create]) =>
      check("structure", `refuses a bad ${option}, naming it`, () => {
        const message = refusal(create, `the bad ${option} was taken`);
        assert(message.includes(option), () => `"${message}" does not name ${option}`);
      }),
    ),
  ];
}

const whole = (x: number): boolean => Number.isSafeInteger(x) && x > 0;

function distinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  assert(twice === undefined, () => `two of one name, ${what} ${twice}`);
  assert(!names.includes(""), () => `a ${what} without a name`);
}

function ranks(model: ModelLike): void {
  if (model.kind === "tensor" || model.ranking === undefined) return;
  const { users, items } = model.ranking;
  const [left, right] = [users, items].map((name) => model.tables.find((table) => table.name === name));
  assert(
    left !== undefined && right !== undefined,
    () => `ranks with ${users} and ${items}, which are not both tables`,
  );
  assert(left?.dim === right?.dim, () => `ranks with rows of ${left?.dim} and of ${right?.dim}`);
}

/** The batches of a step, each with the place of its task (0 for one that all tasks share). */
export function batchesOf<M extends ModelLike>(model: M, kit: ModelKit<M>, seed: number): [number, BatchLike][] {
  const given = kit.batches(seed);
  const many = Array.isArray(given);
  assert(many === (model.kind !== "tensor"), () => "tensor models read a single batch, others a list of them");
  if (!many) return [[0, given as BatchLike]];
  const list = given as readonly (BatchLike | null)[];
  assert(list.length === model.tasks.length, () => `${list.length} batches for ${model.tasks.length} tasks`);
  return list.flatMap((batch, task): [number, BatchLike][] => (batch === null ? [] : [[task, batch]]));
}

function lookupsOf(model: ModelLike, task: number, batch: BatchLike): readonly LookupLike[] {
  if (model.kind === "tensor") return model.lookups(batch as never);
  return model.tasks[task]?.lookups(batch as never) ?? fail(`no task ${task}`);
}

function checkLookup(model: ModelLike, { table, ids, size, offsets }: LookupLike): void {
  const spec = model.tables.find(({ name }) => name === table);
  if (spec === undefined) return fail(`looks up ${table}, which is no table`);
  assert(Number.isSafeInteger(size) && size >= 0, () => `looks up ${size} rows of ${table}`);
  const used = offsets === undefined ? size : (offsets[size] ?? -1);
  assert(used >= 0 && used <= ids.length, () => `looks up ${used} ids of ${table}, and gives ${ids.length}`);
  for (let k = 0; k < used; k++) {
    const id = ids[k] as number;
    assert(id >= 0 && id < spec.rows, () => `looks up row ${id} of ${table}, which has ${spec.rows}`);
  }
  for (let r = 0; offsets !== undefined && r < size; r++) {
    const [from, to] = [offsets[r] as number, offsets[r + 1] as number];
    assert(from <= to, () => `offsets of ${table} fall from ${from} to ${to}`);
  }
}

function refusal(run: () => unknown, otherwise: string): string {
  try {
    run();
  } catch (error) {
    if (!isGradpoolError(error)) return fail(`not a GradpoolError: ${String(error)}`);
    return error.message;
  }
  return fail(`${otherwise}: nothing was thrown`);
}
