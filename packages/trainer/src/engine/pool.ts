import {
  askPool,
  type Combined,
  type Diagnostics,
  given,
  type GradientPool,
  type GroupWeights,
  type JsonValue,
  type PoolContext,
  poolContext,
  requireOffers,
  startPool,
  stateFromJson,
  stateToJson,
  type TaskGradients,
  type TaskSet,
} from "@gradpool/core";
import type { StepDiagnostics, StepInput } from "./contract.js";
import { drawnApart } from "../gradients/drawn.js";
import type { JoinedGradients } from "../gradients/join.js";
import { describeGradients, type GradientFigures } from "./diagnostics.js";
import type { Draws } from "./draws.js";
import type { Asking } from "./step.js";

/** The pool with its state from step to step. */
export interface HeldPool {
  ask(input: StepInput): Question;
  state(): JsonValue;
  restore(state: JsonValue): void;
}

/** One step's dealings with the pool. */
export interface Question extends Asking {
  /** The pool's weights; absent where it answered with coordinates, or was not asked. */
  readonly weights: GroupWeights | undefined;
  /** Keeps the state that the pool answered with. */
  keep(): void;
  /** What the step says about its gradients, if somebody listens. Call before the weights change. */
  diagnostics(own: GradientFigures | undefined): StepDiagnostics | undefined;
}

export interface HeldPoolOptions {
  readonly pool: GradientPool;
  readonly tasks: TaskSet;
  readonly seed: number;
  /** No step is left out after the pool has seen it, so that the pool may write to the state that it is handed. */
  readonly donate: boolean;
  /** The optimiser applies what the pool answers as it is. */
  readonly updates: boolean;
  readonly draws: Draws;
}

/** What a pool is asked about: one batch's gradients, and what its context has beside them. */
interface Shown extends Pick<PoolContext, "second" | "third" | "validation"> {
  readonly gradients: TaskGradients;
  /** Its answer, as a combination of all that the step computed. */
  whole(combined: Combined): Combined;
}

function shownTo(gradients: JoinedGradients, draws: Draws, validate: boolean): Shown {
  if (draws.places === draws.tasks) return { gradients, whole: (combined) => combined };
  const apart = drawnApart(gradients, draws);
  const [first, second, third] = apart.batches;
  return {
    gradients: first as TaskGradients,
    ...given({ second, third, validation: validate ? apart.validation() : undefined }),
    whole: (combined) => apart.whole(combined),
  };
}

export function heldPool({ pool, tasks, seed, donate, updates, draws }: HeldPoolOptions): HeldPool {
  requireOffers(pool, { batches: 3, validation: true, updates }, "the trainer");
  let state = startPool(pool, tasks);

  function ask({ step, epoch, diagnostics }: StepInput): Question {
    const diagnose = diagnostics === true;
    const validate = pool.wantsValidation?.(step) === true;
    const reports: Diagnostics[] = [];
    let rowReports = 0;
    const report = diagnose
      ? (said: Diagnostics): void => {
          if (said.row === undefined) reports.push(said);
          else rowReports++;
        }
      : undefined;
    let asked: { readonly gradients: TaskGradients; readonly combined: Combined; readonly next: unknown } | undefined;
    return {
      diagnose,
      validate,
      pool(all, losses) {
        const { gradients, whole, ...beside } = shownTo(all, draws, validate);
        const context = poolContext({ tasks, seed, step, epoch, losses, donate, ...beside, ...given({ report }) });
        const { combined, state: next } = askPool(pool, gradients, context, state);
        asked = { gradients, combined, next };
        return whole(combined);
      },
      get weights() {
        return asked?.combined.weights;
      },
      keep() {
        if (asked !== undefined) state = asked.next;
      },
      diagnostics(own) {
        if (!diagnose) return undefined;
        // Not asked, because the optimiser does what it would have answered.
        if (asked === undefined) return own && { ...own, reports, rowReports };
        return { ...(own ?? describeGradients(asked.gradients, asked.combined.weights)), reports, rowReports };
      },
    };
  }

  return {
    ask,
    state: () => stateToJson(state),
    restore(json) {
      state = stateFromJson(json);
    },
  };
}
