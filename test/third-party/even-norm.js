/**
 * A pool by somebody else: every task's gradient at the same length. Nothing of gradpool is needed to run it; its types
 * come from @gradpool/core and vanish with the comments.
 *
 * @import { GradientPool, Method, OptionSchema } from "@gradpool/core"
 */

/** @satisfies {OptionSchema} */
const options = {
  power: {
    type: "number",
    default: 1,
    min: 0,
    max: 1,
    description: "0 leaves the lengths alone, 1 makes them equal",
  },
};

/**
 * An error that gradpool knows as one of its own: by a mark, so that nothing has to be imported for it.
 *
 * @param {string} code
 * @param {string} what
 * @param {string} where
 * @param {string} remedy
 */
function refusal(code, what, where, remedy) {
  const error = Object.assign(new RangeError(`${what} (${where}): ${remedy}`), { code, what, where, remedy });
  return Object.defineProperty(error, Symbol.for("gradpool.error"), { value: true });
}

/**
 * combined = Σ (m / nᵢ)^power gᵢ, where m is the geometric mean of the lengths nᵢ of the gradients that are not zero.
 *
 * @param {{ readonly power?: number }} [given]
 * @returns {GradientPool<null>}
 */
export function evenNorm(given = {}) {
  const { power = options.power.default, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw refusal("unknown-option", `unknown option ${unknown}`, "even-norm", "the options are power");
  if (typeof power !== "number" || !(power >= 0 && power <= 1)) {
    throw refusal(
      "invalid-option",
      `power is ${typeof power === "number" ? power : JSON.stringify(power)}`,
      "even-norm",
      "give a number in [0, 1]",
    );
  }
  return {
    spec: 1,
    name: "even-norm",
    options: { power },
    needs: "norms",
    granularity: "model",
    level: "parameters",
    init: () => null,
    pool(gradients, context, state) {
      const { norms, present } = gradients.gram("model", "norms");
      const bad = present.findIndex((here, i) => here && !Number.isFinite(norms[i]));
      if (bad >= 0) {
        const culprit = gradients.parameters.find(({ name }) => !gradients.values(name)[bad]?.every(Number.isFinite));
        const where = `even-norm, step ${context.step}, task ${context.tasks.names[bad]}, parameter ${culprit?.name}`;
        throw refusal("non-finite", `the norm is ${norms[bad]}`, where, "look for an overflow in that task's loss");
      }
      const logs = present.map((here, i) => (here ? Math.log(norms[i] ?? 0) : -Infinity));
      const finite = logs.filter(Number.isFinite);
      const mean = finite.reduce((sum, log) => sum + log, 0) / finite.length;
      const weights = Float64Array.from(logs, (log) => (Number.isFinite(log) ? Math.exp(power * (mean - log)) : 0));
      context.report?.({ pool: "even-norm", values: { norms: [...norms] } });
      return { combined: gradients.combine({ granularity: "model", weights }), state };
    },
  };
}

/** @type {readonly Method[]} */
export const methods = [
  {
    spec: 1,
    name: "even-norm",
    summary: "Brings every task's gradient to the geometric mean of their lengths.",
    paper: { title: "None: an example of a third party's pool", authors: "-", year: 2026, venue: "-" },
    options,
    levels: ["parameters", "representation"],
    granularities: ["model"],
    properties: {
      nonConflicting: "a sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: true,
      targetDescent: "the auxiliaries may outweigh the target together",
    },
    create: evenNorm,
  },
];
