import { createRandom, GradpoolError } from "@gradpool/core";
import type { Initializer } from "@gradpool/models";

/** A number for a name (FNV-1a), so that each parameter draws from a stream of its own, whatever stands beside it. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < name.length; k++) hash = Math.imul(hash ^ name.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}

/** Fills `out` with start values of a parameter of this shape. The same seed and name give the same bits. */
export function initialize(
  out: Float32Array,
  shape: readonly number[],
  init: Initializer,
  seed: number,
  name: string,
): void {
  if (init.kind === "constant") {
    out.fill(init.value);
    return;
  }
  const random = createRandom(seed, streamOf(name));
  if (init.kind === "normal") {
    const { std, mean = 0 } = init;
    for (let k = 0; k < out.length; k++) out[k] = mean + std * random.normal();
    return;
  }
  const bound = boundOf(init, shape);
  if (!(bound >= 0 && bound < Infinity)) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `start values between ±${bound}`,
      where: name,
      remedy: "give the initializer finite numbers",
    });
  }
  for (let k = 0; k < out.length; k++) out[k] = bound * (2 * random.uniform() - 1);
}

function boundOf(init: Exclude<Initializer, { kind: "normal" | "constant" }>, shape: readonly number[]): number {
  if (init.kind === "uniform") return init.bound;
  const fanIn = shape.length < 2 ? 1 : (shape[0] as number);
  const fanOut = shape[shape.length - 1] ?? 1;
  const gain = init.gain ?? 1;
  return gain * Math.sqrt(6 / (init.kind === "xavier" ? fanIn + fanOut : fanIn));
}
