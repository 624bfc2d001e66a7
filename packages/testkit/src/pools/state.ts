import { type GradientPool, type JsonValue, type Method, stateFromJson, stateToJson } from "@gradpool/core";
import { assert, assertSame } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { creator, poolsOf, variantLabel } from "./create.js";
import { contextAt, mixedFor, play, type Scenario, shownTo, tasksFor } from "./scenario.js";

/** Purity: same seed, same bits; state that survives JSON; inputs left alone. */
export function stateCases(method: Method): ConformanceCase[] {
  const mixed = mixedFor(method);
  const { mixedScenario } = mixed;
  const create = creator(method);
  const n = tasksFor(method);
  // Options may give a method state that it has not by default.
  const variants = (method.variants ?? []).filter(({ options }) => Object.keys(options).length > 0);
  const pools = [
    ...poolsOf(method),
    ...variants.map((variant) => ({
      label: ` with ${variantLabel(variant)}`,
      make: () => create(variant.options as Readonly<Record<string, unknown>>),
    })),
  ];
  return pools.flatMap(({ label, make }) => [
    check("state", `gives the same bits again with the same seed${label}`, () => {
      const scenario = mixedScenario(n + 1, 5, 3);
      assertSame(play(make(), scenario).combined, play(make(), scenario).combined, "two pools");
      const pool = make();
      const first = play(pool, scenario).combined;
      play(pool, mixedScenario(n, 2, 9));
      assertSame(first, play(pool, scenario).combined, "one pool, used for something else in between");
    }),
    check("state", `goes on with the same bits after its state was saved as JSON${label}`, () => {
      for (let k = 1; k <= 4; k++) {
        const scenario = mixedScenario(n, 8, 5);
        const whole = play(make(), scenario);
        const head = play(make(), { ...scenario, steps: scenario.steps.slice(0, k) });
        const restored = stateFromJson(JSON.parse(JSON.stringify(stateToJson(head.state))) as JsonValue);
        const tail = play(make(), { ...scenario, steps: scenario.steps.slice(k), firstStep: k + 1 }, restored);
        assertSame(tail.combined, whole.combined.slice(k), `saved after step ${k}`);
        assert(text(tail.state) === text(whole.state), () => `the last state differs when saved after step ${k}`);
      }
    }),
    check("state", `gives the same bits when its state is donated${label}`, () => {
      const scenario = mixedScenario(n, 6, 6);
      const donated = play(make(), { ...scenario, donate: true });
      assertSame(donated.combined, play(make(), scenario).combined, "donated state");
    }),
    check("state", `changes neither gradients, context nor state${label}`, () => leavesInputsAlone(make(), mixed, n)),
  ]);
}

const text = (state: unknown): string => JSON.stringify(stateToJson(state));

function leavesInputsAlone(
  pool: GradientPool,
  { mixedStep, mixedScenario }: ReturnType<typeof mixedFor>,
  n: number,
): void {
  const scenario: Scenario = mixedScenario(n, 3, 2);
  let state = play(pool, scenario).state;
  for (const seed of [1, 2, 3]) {
    const step = mixedStep(n, seed);
    const { gradients, ...others } = shownTo(pool, step, 0);
    const context = { ...deepFreeze(contextAt(scenario, 3 + seed)), ...others };
    const values = (): string =>
      text(gradients.parameters.flatMap(({ name, ids }) => [...gradients.values(name), ids ?? null]));
    const before = { values: values(), state: text(state), input: JSON.stringify(step) };
    const next = pool.pool(gradients, context, deepFreeze(state));
    for (const { name } of gradients.parameters) next.combined.value(name);
    assert(values() === before.values, () => "the gradients were written to");
    assert(JSON.stringify(step) === before.input, () => "the arrays given to taskGradients were written to");
    assert(text(state) === before.state, () => "the state that came in was written to");
    state = next.state;
  }
}

/** Freezes plain data; typed arrays cannot be frozen, and the generator has to move. */
function deepFreeze<V>(value: V): V {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  for (const [key, inner] of Object.entries(value)) if (key !== "random") deepFreeze(inner);
  return Object.freeze(value);
}
