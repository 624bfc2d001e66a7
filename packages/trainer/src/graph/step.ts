import { given, GradpoolError, createRandom } from "@gradpool/core";
import type { Chance, EncoderInput, GraphModel } from "@gradpool/models";
import { beginStep } from "../embedding/batches.js";
import { embeddingOps } from "../embedding/ops.js";
import type { ModelStep, StepKind, StepParts } from "../engine/step.js";
import type { Arena } from "../memory/arena.js";
import { plainArena } from "../memory/plain-arena.js";
import { scratch } from "../memory/scratch.js";
import { wasmArena, wasmLimit } from "../memory/wasm-arena.js";
import { denseStore } from "../tensor/dense/store.js";
import { adjacency, type Adjacency } from "./adjacency.js";
import { type ArenaBlock, arenaBlock } from "./block.js";
import { lossesLevel, parametersLevel, representationLevel } from "./levels.js";
import { nodeSource } from "./node-part.js";
import { nodeTables } from "./nodes.js";
import { graphOps } from "./ops.js";
import { readingOf } from "./reading.js";
import { scoredBy } from "./scored.js";
import type { GraphParts } from "./work.js";

/**
 * Embeddings behind a graph encoder, Z = encode(E0). A step costs the graph: all nodes are encoded (but for the last hop, which the
 * batch's nodes alone need), the tasks' losses write gradients of the rows of Z that they read, and what the pool makes of
 * them goes back through the encoder. At the level `representation` that is one pass, whatever the number of tasks; at
 * `parameters` it is one for each; so it is with several batches in a step, which are encoded at once. The optimiser is dense. Deterministic, with any number of threads.
 */
export const graphStep: StepKind<GraphModel> = { levels: () => ["losses", "representation", "parameters"], make };

const levels = { losses: lossesLevel, representation: representationLevel, parameters: parametersLevel };

function make(parts: StepParts<GraphModel>): ModelStep {
  const { model, placement, draws, seed } = parts;
  const arena =
    parts.memory?.kernels === "plain" ? plainArena() : wasmArena(parts.memory?.limit ?? wasmLimit, parts.crew);
  const graph = adjacency(arena, model.graph, model.encoder);
  const held = hold(parts, arena, graph);
  const { nodes, dense, run } = held;
  const decide = levels[placement.level];
  const scored = scoredBy(held, graph, arena);

  /** What is dropped depends on the run's seed and the step alone, so that a resumed run drops the same. */
  const inputOf = (step: number | null, ego: ArenaBlock): EncoderInput => ({
    ego,
    weight: (name) => dense.values(name),
    chance: (rate, stream) => (step === null ? null : chanceOf(rate, seed, step, stream)),
  });

  return {
    backend: arena.kernels.kind,
    run(input, asking) {
      const { target } = placement.tasks;
      const { parts, present, losses, samples, idle } = beginStep(model, input, draws, {
        target,
        validate: asking.validate,
      });
      if (idle) return { losses, samples };
      graph.thin(chanceOf(model.encoder.edgeDropout, seed, input.step, edgeStream));
      const own = { ...held, input: inputOf(input.step, nodes.ego()), parts, present, losses, asking };
      const { apply, ...decided } = decide(own);
      if (apply === undefined) return { losses, samples, ...decided };
      return {
        losses,
        samples,
        ...decided,
        apply() {
          const norm = apply();
          scored.forget();
          return norm;
        },
      };
    },
    setLearningRate(rate) {
      nodes.setLearningRate(rate);
      dense.setLearningRate(rate);
    },
    settle: () => undefined,
    state: () => ({
      arrays: new Map([...nodes.state(), ...dense.state().arrays]),
      json: { optimizerSteps: nodes.steps },
    }),
    restore(arrays, json) {
      const steps = json["optimizerSteps"] as number;
      nodes.restore(arrays, steps);
      dense.restore(arrays, { shared: steps });
      scored.forget();
    },
    table: (name) => nodes.table(requireTable(model, name)),
    variable: (name) => dense.values(name).slice(),
    representation(name) {
      requireTable(model, name);
      graph.thin(null);
      return scored.of(name, (ego, z) => run.forward(inputOf(null, ego), null, z));
    },
    memory() {
      const inDense = dense.memory();
      const weights = nodes.weightBytes + inDense.weights;
      const optimizer = nodes.stateBytes + inDense.optimizer;
      return { weights, optimizer, scratch: arena.used() - weights - optimizer };
    },
    dispose: () => scored.forget(),
  };
}

function hold(parts: StepParts<GraphModel>, arena: Arena, graph: Adjacency): GraphParts {
  const { model, placement, draws, optimizer, seed, initial } = parts;
  const { encoder, tables, variables } = model;
  const tasks = placement.tasks.names;
  const common = { arena, optimizer, seed, ...given({ initial }) };
  const nodes = nodeTables({ ...common, tables, graph });
  const dense = denseStore({ ...common, variables, tasks, terms: draws.places + 1 });
  const widest = Math.max(1, ...dense.shared.map(({ size }) => size));
  const block = () => arenaBlock(arena, graph.nodes);
  const apart = placement.level === "parameters";
  const held = {
    model,
    placement,
    draws,
    arena,
    ops: embeddingOps(arena),
    nodes,
    dense,
    reading: readingOf({ arena, nodes, tables, width: encoder.width }),
    run: encoder.make(graphOps(arena, graph, widest)),
    z: block(),
    arriving: block(),
    gradients: Array.from({ length: draws.places }, (_, t) =>
      apart || t === 0 ? block().shape(graph.nodes, nodes.width) : block(),
    ),
    sources: apart ? tables.map(({ name }) => nodeSource(arena, nodes, name, draws.places)) : [],
    decaying: block(),
    chosen: scratch(arena),
    times: scratch(arena),
    weights: scratch(arena),
  };
  return held;
}

/** Keeps the edges' chance apart from those of an encoder's layers. */
const edgeStream = 0x65646765;

function chanceOf(rate: number, seed: number, step: number, stream: number): Chance | null {
  if (rate === 0) return null;
  const random = createRandom(seed, 0x64726f70, step, stream);
  return {
    first: random.next32(),
    second: random.next32(),
    threshold: Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32)),
    scale: 1 / (1 - rate),
  };
}

function requireTable({ name: model, tables }: GraphModel, name: string): string {
  if (tables.some((table) => table.name === name)) return name;
  throw new GradpoolError({
    code: "not-found",
    what: `no table ${name}`,
    where: `model ${model}`,
    remedy: `it has: ${tables.map((table) => table.name).join(", ")}`,
  });
}
