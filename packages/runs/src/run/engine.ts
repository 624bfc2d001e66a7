import { given } from "@gradpool/core";
import type { LoadedPool } from "@gradpool/registry";
import { createEngine, type Engine, selectBackend } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";
import type { MadeWorkload } from "../workloads/contract.js";

/** The engine that a configuration asks for. `onNote` hears of the backend, and of a level that the model does not have. */
export async function makeEngine(
  config: TrainConfig,
  { model }: MadeWorkload,
  { pool, level }: LoadedPool,
  onNote?: (line: string) => void,
): Promise<Engine> {
  const { optimizer: name, lr: learningRate, weightDecay, rows, seed, balance, onNonFinite } = config;
  const common = {
    pool,
    ...given({ level, balance: balance ?? undefined }),
    optimizer: { name, learningRate, weightDecay, rows },
    seed,
    onNonFinite,
  };
  if (model.kind === "embedding") {
    // A model that is all embeddings has no shared representation beside them: there the parameters are the level.
    const placed = level === undefined && pool.level === "representation" ? { level: "parameters" as const } : {};
    if (placed.level !== undefined) onNote?.(`${pool.name} acts on the parameters: ${model.name} has no shared trunk`);
    return createEngine({ model, ...common, ...placed });
  }
  if (model.kind === "graph") return createEngine({ model, ...common });
  const { tf } = await selectBackend(config.backend, { log: onNote ?? null });
  return createEngine({ model, tf, ...common });
}
