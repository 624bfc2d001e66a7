import {
  askPool,
  type Combined,
  type Diagnostics,
  given,
  type GradientPool,
  type GroupWeights,
  type JsonValue,
  poolContext,
  requireOffers,
  startPool,
  stateFromJson,
  stateToJson,
  type TaskGradients,
  type TaskSet,
} from "@gradpool/core";
import type { StepDiagnostics, StepInput } from "./contract.js";
import { describeGradients, type GradientFigures } from "./diagnostics.js";
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
}

export function heldPool({ pool, tasks, seed, donate, updates }: HeldPoolOptions): HeldPool {
  requireOffers(pool, { batches: 1, validation: false, updates }, "the trainer");
  let state = startPool(pool, tasks);

  function ask({ step, epoch, diagnostics }: StepInput): Question {
    const diagnose = diagnostics === true;
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
      pool(gradients, losses) {
        const context = poolContext({ tasks, seed, step, epoch, losses, donate, ...given({ report }) });
        const { combined, state: next } = askPool(pool, gradients, context, state);
        asked = { gradients, combined, next };
        return combined;
      },
      get weights() {
        return asked?.combined.weights;
      },
      keep() {
        if (asked !== undefined) state = asked.next;
      },
      diagnostics(own) {
        if (!diagnose || asked === undefined) return undefined;
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
