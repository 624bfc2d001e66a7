import type { Method } from "@gradpool/core";
import { defaultsOf, type Landscape } from "./landscape.js";
import { landscapes } from "./landscapes/index.js";
import { fromLink } from "./link.js";
import { type OptimizerName, optimizers } from "./optimizer.js";
import { type Choice, readChoices } from "./pools.js";

/** All that the reader set. */
export interface State {
  landscape: string;
  sliders: Record<string, number>;
  start: number[];
  optimizer: OptimizerName;
  learningRate: number;
  steps: number;
  seed: number;
  choices: readonly Choice[];
}

/** A landscape as it is when first shown. */
export function fresh(landscape: Landscape): Pick<State, "landscape" | "sliders" | "start" | "learningRate"> {
  const start = [...(landscape.starts[0] as readonly number[])];
  return { landscape: landscape.name, sliders: defaultsOf(landscape), start, learningRate: landscape.learningRate };
}

/** Takes over what a link holds, as far as it makes sense. */
export async function restore(state: State, link: string, methods: readonly Method[]): Promise<void> {
  const held = (await fromLink(link)) as Partial<State> | undefined;
  if (typeof held !== "object" || held === null) return;
  const landscape = landscapes.find(({ name }) => name === held.landscape);
  if (landscape === undefined) return;
  Object.assign(state, fresh(landscape));
  const finite = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  for (const { name, min, max } of landscape.sliders) {
    const value = held.sliders?.[name];
    if (finite(value) && value >= min && value <= max) state.sliders[name] = value;
  }
  if (Array.isArray(held.start) && held.start.length === state.start.length && held.start.every(finite))
    state.start = [...held.start];
  if (optimizers.includes(held.optimizer as OptimizerName)) state.optimizer = held.optimizer as OptimizerName;
  if (finite(held.learningRate) && held.learningRate > 0 && held.learningRate <= 10)
    state.learningRate = held.learningRate;
  if (finite(held.steps)) state.steps = Math.min(5000, Math.max(1, Math.round(held.steps)));
  if (Number.isSafeInteger(held.seed)) state.seed = held.seed as number;
  state.choices = readChoices(held.choices, methods);
}
