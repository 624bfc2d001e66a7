import { clipTasks, given } from "@gradpool/core";
import type { LoadedPool } from "@gradpool/registry";
import { createEngine, type Engine, selectBackend } from "@gradpool/trainer";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";
import type { MadeWorkload } from "../workloads/contract.js";

/** What an engine is told beside its configuration: nothing that a result depends on. */
export interface MakeEngineOptions {
  /** Hears of the backend, and of a level that the model does not have. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Default 1. */
  readonly threads?: number | undefined;
}

/** The engine that a configuration asks for. */
export async function makeEngine(
  config: TrainConfig,
  { model }: MadeWorkload,
  { pool: loaded, level }: LoadedPool,
  { onNote, threads }: MakeEngineOptions = {},
): Promise<Engine> {
  const pool = config.clipTasks === null ? loaded : clipTasks(loaded, config.clipTasks);
  const { optimizer: name, lr: learningRate, weightDecay, rows, seed, balance, onNonFinite } = config;
  const common = {
    pool,
    ...given({
      level,
      balance: balance ?? undefined,
      clip: clipOf(config),
      taskWeights: config.taskWeights ?? undefined,
      classWeights: config.classWeights ?? undefined,
      threads,
    }),
    optimizer: { name, learningRate, weightDecay, rows },
    seed,
    onNonFinite,
  };
  if (model.kind === "embedding") {
    // Embeddings that are read as they stand have no representation beside them: there the parameters are the level.
    const alone = model.tables.every(({ plus }) => plus === undefined);
    const placed =
      alone && level === undefined && pool.level === "representation" ? { level: "parameters" as const } : {};
    if (placed.level !== undefined) onNote?.(`${pool.name} acts on the parameters: ${model.name} has no shared trunk`);
    return createEngine({ model, ...common, ...placed });
  }
  if (model.kind === "graph") return createEngine({ model, ...common });
  const { tf } = await selectBackend(config.backend, { log: onNote ?? null });
  return createEngine({ model, tf, ...common });
}

function clipOf({
  clipNorm,
  clipValue,
}: TrainConfig): { readonly norm: number } | { readonly value: number } | undefined {
  if (clipNorm !== null && clipValue !== null)
    throw optionError("`clipNorm` and `clipValue` are both given", "configuration", "give one of them");
  if (clipNorm !== null) return { norm: clipNorm };
  return clipValue === null ? undefined : { value: clipValue };
}
