/**
 * `pnpm new my-method`: a package with a method that works, conforms and is documented; then make it yours.
 * As a module: newMethod(root, name) writes the files under `root` and returns their paths, for checks in other folders.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scaffold } from "./packages.mjs";

const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(name).replace(/^./, (letter) => letter.toUpperCase());

const source = (name) => `import {
  definePool,
  type GradientPool,
  type Granularity,
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
    options: { ...resolved },
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
    paper: { title: "${name}", authors: "-", year: ${new Date().getUTCFullYear()}, venue: "-" },
    options,
    levels: ["parameters", "representation"],
    granularities: ["model", "parameter", "row"],
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

const test = () => `import { describeMethod } from "@gradpool/testkit";
import { describe, it } from "vitest";
import { methods } from "../src/index.js";

for (const method of methods) describeMethod(method, { describe, it });
`;

const readme = (name) => `# @gradpool/${name}

Moves the norms of the tasks' gradients to their mean.

## The method

\`\`\`text
w_i = strength · mean_j ‖g_j‖ / ‖g_i‖ + (1 − strength);  combined = Σ w_i g_i
\`\`\`

Levels: parameters, representation. Granularities: model, parameter, row.

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

| Option | Default | Range | Meaning |
|---|---|---|---|
| \`strength\` | \`1\` | a number in [0, 1] | how far norms are moved to their mean |
| \`granularity\` | \`model\` | model \\| parameter \\| row | what is balanced on its own: the whole model, each parameter tensor, or each embedding row |

## Properties

Independent of the tasks' order and of the scale of any one task; scales with the gradients. Checked by
\`@gradpool/testkit\`.

## Cost

T norms: one pass over the T × P coordinates, and one to combine. No state.

## Paper

Say where the method comes from.
`;

/** Writes the package and its changeset under `root`; returns the paths, formatted by the root's prettier if it is there. */
export async function newMethod(root, name) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`${name} (pnpm new): give a name of lower-case words and hyphens, such as my-method`);
  }
  if (existsSync(`${root}/packages/methods/${name}`)) {
    throw new Error(`packages/methods/${name} exists (pnpm new): give another name`);
  }
  const dir = scaffold(root, `methods/${name}`, {
    description: `${name}: a gradient pool for multi-task recommenders.`,
    dependencies: { "@gradpool/core": "workspace:^" },
    extra: { devDependencies: { "@gradpool/testkit": "workspace:^" } },
  });
  mkdirSync(`${dir}/test`, { recursive: true });
  mkdirSync(`${root}/.changeset`, { recursive: true });
  const files = {
    [`${dir}/src/index.ts`]: source(name),
    [`${dir}/test/conformance.test.ts`]: test(),
    [`${dir}/README.md`]: readme(name),
    [`${root}/.changeset/${name}-first.md`]: `---\n"@gradpool/${name}": minor\n---\n\nFirst release: ${name}.\n`,
  };
  const { format } = await import("prettier");
  for (const [path, text] of Object.entries(files)) {
    const parser = path.endsWith(".md") ? "markdown" : "typescript";
    writeFileSync(path, await format(text, { parser, printWidth: 120 }));
  }
  return [`${dir}/package.json`, `${dir}/tsup.config.mjs`, ...Object.keys(files)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = process.argv[2];
  if (name === undefined) {
    console.error("usage: pnpm new <name>, for example: pnpm new my-method");
    process.exit(2);
  }
  try {
    const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
    for (const path of await newMethod(root, name)) console.log(path.slice(root.length + 1));
    console.log(`\nNext: pnpm install, then npx vitest run packages/methods/${name}. Make src/index.ts yours.`);
  } catch (error) {
    console.error(`gradpool: ${error.message}`);
    process.exit(1);
  }
}
