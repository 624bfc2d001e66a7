import { type GradientPool, GradpoolError } from "@gradpool/core";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { EngineOptions } from "./options.js";
import type { Placement } from "./placement.js";

/** Adam's moments of each task apart, in the optimiser's own memory, in place of what a pool would keep (AdaTask). */
export interface Apart {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** What each task's gradient is multiplied by before its moments. */
  readonly weights: Float64Array;
}

/**
 * Where a pool answers with Adam's updates of each task, added up, and the optimiser is an Adam: the optimiser keeps the tasks' moments,
 * by touched row, and the pool is not asked. Heads and what the pool does not balance have the optimiser's ordinary Adam. Under plain SGD
 * the pool keeps them itself; undefined then.
 *
 * Errors `unsupported`: another optimiser, or options under which such an update has no meaning; `invalid-option`: weights for other tasks.
 */
export function apartOf(
  { pool, model }: Pick<EngineOptions, "pool" | "model">,
  optimizer: ResolvedOptimizer,
  placement: Placement,
): Apart | undefined {
  const { moments } = pool;
  if (moments === undefined || optimizer.name === "sgd") return undefined;
  const { clip, level, tasks } = placement;
  const wrong =
    optimizer.name === "adagrad"
      ? "keeps Adam's moments for each task, and the optimiser is adagrad"
      : level !== "parameters"
        ? `moves parameters, and the level is ${level}`
        : clip !== undefined
          ? "answers with an update, whose size no limit of gradients is about: clip is given"
          : optimizer.rows === "dense-equivalent"
            ? "moves a row in the steps in which a task touches it: rows is dense-equivalent"
            : optimizer.decay === "l2" && optimizer.weightDecay > 0
              ? "has no gradient that an L2 decay could be added to"
              : model.kind === "graph"
                ? "would keep moments of every node and task behind a graph encoder"
                : undefined;
  if (wrong !== undefined) throw refused(pool, wrong, optimizer);
  const { beta1, beta2, epsilon, weights } = moments;
  const shares = weights ?? tasks.names.map(() => 1);
  if (shares.length === tasks.names.length) return { beta1, beta2, epsilon, weights: Float64Array.from(shares) };
  throw new GradpoolError({
    code: "invalid-option",
    what: `weights has ${shares.length} numbers`,
    where: `pool ${pool.name}`,
    remedy: `give one per task: ${tasks.names.join(", ")}`,
  });
}

const refused = ({ name }: GradientPool, what: string, { decay }: ResolvedOptimizer): GradpoolError =>
  new GradpoolError({
    code: "unsupported",
    what: `${name} ${what}`,
    where: `pool ${name}, optimizer`,
    remedy:
      `give adam with lazy rows and no clipping, ${decay === "l2" ? "adamw for weight decay" : "decoupled decay"}; ` +
      "or plain sgd, under which the pool keeps its moments itself",
  });
