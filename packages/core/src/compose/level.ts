import type { GradientPool, Level } from "../pool.js";

/** The same pool, placed at another level. */
export function atLevel<State>(pool: GradientPool<State>, level: Level): GradientPool<State> {
  return { ...pool, level };
}

/** The same pool, acting on the gradients of the shared representation, inside one backward pass. */
export function atRepresentation<State>(pool: GradientPool<State>): GradientPool<State> {
  return atLevel(pool, "representation");
}
