/** A method that works, conforms and is documented: what `npm run new` starts a package with. */

const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(name).replace(/^./, (letter) => letter.toUpperCase());

export const source = (name) => `import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";

export interface ${pascal(name)}Options {
  /** In [0, 1], default 1: how far each gradient's norm is moved to the tasks' mean norm. */
  readonly strength: number;
  readonly granularity: Granularity;
}

const options = {
  strength: { type: "number", min: 0, max: 1, default: 1, description: "how far norms are moved to their mean" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * w_i = strength · mean_j ‖g_j‖ / ‖g_i‖ + (1 − strength); combined = Σ w_i g_i. Stateless; needs norms only.
 *
 * Source: say where the method comes from: paper, section, equation.
 */
export function ${camel(name)}(given: Partial<${pascal(name)}Options> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<${pascal(name)}Options>("${name}", options, given);
  const { strength, granularity } = resolved;
  return definePool<null>({
    name: "${name}",
    options: resolved,
    needs: "norms",
    granularity,
    weigh({ norms, size }) {
      const mean = norms.reduce((sum, norm) => sum + norm, 0) / size;
      return { weights: norms.map((norm) => strength * (mean / norm) + (1 - strength)) };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "${name}",
    summary: "Moves the norms of the tasks' gradients to their mean.",
    paper: { title: "Title of the paper", authors: "its authors", year: ${new Date().getUTCFullYear()}, venue: "unpublished" },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "weights change magnitudes, not directions",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: true,
      targetDescent: "tasks that oppose the target may together outweigh it",
    },
    create: ${camel(name)},
  },
];
`;

export const answers = (name) => `import { expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { ${camel(name)} } from "../src/index.js";

describe("${name}", () => {
  it("moves norms of 5 and 15 to 10, by hand", () => {
    const { steps } = poolSteps(${camel(name)}(), [[[3, 4], [0, 15]]]);
    expectClose(steps[0]?.combined, [6, 18]);
    expectClose(steps[0]?.weights, [2, 2 / 3]);
  });

  it("leaves gradients as they are with strength 0", () => {
    const { steps } = poolSteps(${camel(name)}({ strength: 0 }), [[[3, 4], [0, 15]]]);
    expectClose(steps[0]?.combined, [3, 19]);
  });
});
`;

export const readme = (name) => `# @gradpool/${name}

Moves the norms of the tasks' gradients to their mean.

## The method

\`\`\`text
w_i = strength · mean_j ‖g_j‖ / ‖g_i‖ + (1 − strength);  combined = Σ w_i g_i
\`\`\`

Levels:

## Install

\`\`\`sh
npm install @gradpool/core @gradpool/${name}
\`\`\`

## Use

\`\`\`ts
import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { ${camel(name)} } from "@gradpool/${name}";

const tasks = taskSet(["buy", "click"]); // the first is the target
const pool = ${camel(name)}();
let state = pool.init(tasks);

const gradients = taskGradients({ parameters: [{ name: "layer", values: [[3, 4], [0, 15]] }] });
const result = pool.pool(gradients, poolContext({ tasks, step: 1 }), state);
state = result.state; // plain data: save it with stateToJson
console.log(Array.from(result.combined.value("layer"), (x) => x.toFixed(1))); // → [ '6.0', '18.0' ]
\`\`\`

## Options

## Properties

## Cost

T norms: one pass over the T × P coordinates, and one to combine. No state.

## Paper
`;
