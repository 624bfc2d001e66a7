import {
  definePool,
  type GradientPool,
  granularityOption,
  type Gram,
  type Method,
  type PoolContext,
  resolveOptions,
  type TaskGradients,
  visitOrder,
} from "@gradpool/core";
import { methods as pcgradMethods } from "../../methods/pcgrad/src/index.js";

export const pcgrad = pcgradMethods[0] as Method;

/** What a mutant does differently at the heart of PCGrad. */
interface Surgery {
  readonly sign?: 1 | -1;
  readonly denominator?: "square" | "norm" | "own";
  readonly self?: boolean;
  /** Projects on rows that were themselves projected. */
  readonly moving?: boolean;
  readonly always?: boolean;
}

const options = { granularity: granularityOption("model") };

/** A method with PCGrad's promises and another body. */
export function mutant(create: (given?: object) => GradientPool): Method {
  const { variants: _variants, options: _options, ...rest } = pcgrad;
  return {
    ...rest,
    options,
    variants: [
      {
        options: {},
        maxTasks: 2,
        properties: { nonConflicting: true, permutationEquivariant: true, targetDescent: true },
      },
    ],
    create,
  };
}

/** PCGrad with a mistake, on the coefficients of unit rows. */
export function surgery({
  sign = -1,
  denominator = "square",
  self = false,
  moving = false,
  always = false,
}: Surgery): Method {
  const operate = (gram: Gram, context: PoolContext): number[] => {
    const { size, norms, cosines } = gram;
    const rows = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, k) => Number(i === k)));
    rows.forEach((v, i) => {
      for (const j of self ? [...Array(size).keys()] : visitOrder(gram, context, i)) {
        const other = moving ? (rows[j] as number[]) : Array.from({ length: size }, (_, k) => Number(k === j));
        let along = 0;
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) along += (v[a] ?? 0) * (other[b] ?? 0) * (cosines[a * size + b] ?? 0);
        if (!always && along >= 0) continue;
        const [ni, nj] = [norms[i] as number, norms[j] as number];
        const wrong = denominator === "square" ? 1 : denominator === "norm" ? nj : nj / ni;
        for (let k = 0; k < size; k++) v[k] = (v[k] ?? 0) + sign * along * wrong * (other[k] ?? 0);
      }
    });
    return rows.flatMap((v, i) => v.map((x, k) => (x * (norms[i] as number)) / (norms[k] as number)));
  };
  return mutant((given) => {
    const resolved = resolveOptions<{ granularity: "model" }>("pcgrad", options, given);
    return definePool({
      name: "pcgrad",
      options: resolved,
      granularity: resolved.granularity,
      mix: (gram, context) => ({ mixing: operate(gram, context) }),
    }) as GradientPool;
  });
}

/** A right pool with something wrong around it. */
export function wrapped(change: (pool: GradientPool, given: object | undefined) => Partial<GradientPool>): Method {
  return mutant((given) => {
    const resolved = resolveOptions<{ granularity: string }>("pcgrad", options, given);
    const pool = pcgrad.create(resolved) as GradientPool;
    return { ...pool, options: resolved, ...change(pool, given) };
  });
}

/** Changes the combined gradient. */
export function combinedAs(
  change: (x: number, gradients: TaskGradients, context: PoolContext, state: unknown) => number,
): Method {
  return wrapped((pool) => ({
    pool(gradients, context, state) {
      const result = pool.pool(gradients, context, state);
      return {
        state: result.state,
        combined: {
          ...result.combined,
          value: (name) => Float64Array.from(result.combined.value(name), (x) => change(x, gradients, context, state)),
        },
      };
    },
  }));
}
