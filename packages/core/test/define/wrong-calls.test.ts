/** Calls that types forbid and programs without types make: one line each, and no answer that stands for something else. */
import { expect, it } from "vitest";
import {
  defineLossPool,
  definePool,
  type GradientPool,
  isGradpoolError,
  poolContext,
  resolveOptions,
  taskGradients,
  taskSet,
} from "../../src/index.js";

const ones = ({ size }: { readonly size: number }) => ({ weights: new Float64Array(size).fill(1) });
const pools = [
  definePool({ name: "plain", options: {}, weigh: ones }),
  defineLossPool({ name: "losses", options: {}, readsLosses: false, weigh: ones }),
] as readonly GradientPool[];
const gradients = taskGradients({ parameters: [{ name: "w", values: [[1], [2]] }] });

it.each(pools.map((pool) => [pool.name, pool] as const))("%s: gradients of fewer tasks than are named", (_, pool) => {
  const context = poolContext({ tasks: ["buy", "cart", "view"] });
  expect(() => pool.pool(gradients, context, pool.init(context.tasks))).toThrow(
    /^gradients of 2 tasks \(\w+\): give 3, for buy, cart, view/,
  );
});

it.each([
  ["a task set of nothing", () => taskSet(undefined as never), /tasks are undefined \(taskSet\): give their names/],
  ["a context of nothing", () => poolContext({} as never), /tasks are undefined/],
  ["options that are null", () => resolveOptions("pcgrad", {}, null as never), /options are null \(pcgrad\)/],
  ["options that are a text", () => resolveOptions("pcgrad", {}, "x" as never), /options are x \(pcgrad\)/],
])("%s", (_, call, message) => {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  expect(isGradpoolError(error), String(error)).toBe(true);
  expect(String(error)).toMatch(message);
});
