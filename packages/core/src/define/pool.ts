import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";
import { type NamesOf, requireNames, requireWord } from "../names.js";
import { granularities, type GramSet, type GroupMixing, type TaskGradients } from "../gradients.js";
import { given } from "../given.js";
import { columnSums } from "../gram/column-sums.js";
import type { Gram } from "../gram/problem.js";
import { groupView, plainNorms } from "../gram/view.js";
import { type GradientPool, levels } from "../pool.js";
import type { TaskSet } from "../tasks.js";
import { editGroups, type PerGroup } from "../rows/groups.js";
import type { GroupContext, MixDefinition, Mixing, WeighDefinition, Weighing } from "./definition.js";
import { requireFinite } from "./finite.js";
import { ownCode, ownCodeError, requireAnswer } from "./own-code.js";
import { requireSameTasks } from "./same-tasks.js";
import { scatterMatrix, scatterVector } from "./scatter.js";

const names: NamesOf<WeighDefinition<unknown> & MixDefinition<unknown>> = {
  name: true,
  options: true,
  needs: true,
  granularity: true,
  level: true,
  zeros: true,
  init: true,
  weigh: true,
  mix: true,
};

/**
 * Makes a pool of a rule for one group: `weigh` (Gram → weights) or `mix` (Gram → mixing matrix). Zero and absent tasks,
 * granularities, per-group state, shapes and non-finite input are dealt with here, once for all methods.
 */
export function definePool<S = null>(
  definition: WeighDefinition<S> | MixDefinition<S>,
): GradientPool<PerGroup<S> | null> {
  const { name, options } = definition;
  requireNames(definition, names, `definePool, ${name}`);
  requireWord(definition.needs, ["norms", "gram"], "needs", `definePool, ${name}`);
  requireWord(definition.granularity, granularities, "granularity", `definePool, ${name}`);
  requireWord(definition.level, levels, "level", `definePool, ${name}`);
  const needs = definition.needs ?? "gram";
  const granularity = definition.granularity ?? "model";
  const diagonal = "weigh" in definition;
  const field = diagonal ? "weights" : "mixing";
  const { init } = definition;
  const initGroup = init === undefined ? undefined : (tasks: TaskSet): S => ownCode(name, null, () => init(tasks));
  // Not `bind`, and no closure per call: rows come by the ten thousand.
  const rule: (gram: Gram, context: GroupContext, state: S) => Weighing<S> | Mixing<S> =
    "weigh" in definition
      ? (gram, context, state) => definition.weigh(gram, context, state)
      : (gram, context, state) => definition.mix(gram, context, state);

  function mix(
    grams: GramSet,
    context: PoolContext,
    state: PerGroup<S> | null,
  ): { mixing: GroupMixing; state: PerGroup<S> | null } {
    if (grams.granularity !== granularity) {
      throw new GradpoolError({
        code: "invalid-input",
        what: `Grams per ${grams.granularity}`,
        where: name,
        remedy: `give Grams per ${granularity}, the pool's granularity`,
      });
    }
    const plain = plainNorms(grams.norms);
    if (!plain) requireFinite(name, grams, context);
    return mixFinite(grams, plain, context, state);
  }

  function mixFinite(
    grams: GramSet,
    plain: boolean,
    context: PoolContext,
    state: PerGroup<S> | null,
  ): { mixing: GroupMixing; state: PerGroup<S> | null } {
    const { tasks } = grams;
    const stride = diagonal ? tasks : tasks * tasks;
    const matrices = new Float64Array(grams.size * stride);
    const states = state === null || initGroup === undefined ? undefined : editGroups(state, context, initGroup);
    const view = groupView(grams, context.tasks.target, definition.zeros ?? "drop", plain);
    let group = 0;
    // One try around all groups, not one for each: while a rule is asked, this says about what.
    let asked: GroupContext | null = null;
    try {
      for (const { parameter, ids, count } of grams.blocks) {
        const place: { -readonly [K in keyof GroupContext]: GroupContext[K] } = { ...context, parameter };
        for (let k = 0; k < count; k++, group++) {
          const row = ids?.[k];
          if (row !== undefined) place.row = row;
          const gram = view(group, row !== undefined);
          if (gram.size === 0) continue;
          const held = states === undefined ? (null as S) : states.get(parameter, row);
          asked = place;
          const decision = rule(gram, place, held);
          asked = null;
          requireAnswer(decision, name, field);
          if ("weights" in decision) scatterVector(decision.weights, gram, matrices, group * stride, name);
          else scatterMatrix(decision.mixing, gram, matrices, group * stride, tasks, name);
          if (decision.state !== undefined) states?.set(parameter, row, decision.state);
          if (context.report !== undefined && decision.diagnostics !== undefined) {
            context.report({
              pool: name,
              ...given({ parameter: parameter ?? undefined, row }),
              values: decision.diagnostics,
            });
          }
        }
      }
    } catch (thrown) {
      throw asked === null ? thrown : ownCodeError(thrown, name, asked);
    }
    return { mixing: { granularity, diagonal, matrices }, state: states === undefined ? state : states.done() };
  }

  return {
    spec: 1,
    name,
    options,
    needs,
    granularity,
    level: definition.level ?? "parameters",
    init: () => (initGroup === undefined ? null : { groups: {}, rows: {} }),
    mix,
    pool(gradients: TaskGradients, context: PoolContext, state: PerGroup<S> | null) {
      requireSameTasks(name, gradients.tasks, context);
      const grams = gradients.gram(granularity, needs);
      const plain = plainNorms(grams.norms);
      if (!plain) requireFinite(name, grams, context, () => gradients.gram("parameter", "norms"));
      const decided = mixFinite(grams, plain, context, state);
      return {
        combined: gradients.combine({ granularity, weights: columnSums(decided.mixing, gradients.tasks) }),
        state: decided.state,
      };
    },
  };
}
