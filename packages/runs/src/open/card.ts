import { given, isGradpoolError } from "@gradpool/core";
import { makeCard } from "../card/card.js";
import { cardMetric, mergedMetrics, trainedMetrics } from "../card/metrics.js";
import type { CardMetrics, ModelCard } from "../card/schema.js";
import { readCard, writeCard } from "../card/write.js";
import type { Evaluation, TrainedRun } from "./contract.js";

/** The run's card, with what `evaluation` of the test part found beside what was known. */
export function cardWith(run: TrainedRun, evaluation: Evaluation | null): ModelCard {
  const { config, file, data, tasks, weights: of, model } = run;
  const card = readCard(run.folder);
  const held = card?.metrics ?? trainedOf(run);
  const found = evaluation === null ? {} : metricsOf(evaluation);
  const epoch = of === "best" ? (file?.result.bestEpoch ?? null) : null;
  const environment = file?.environment ?? {};
  return makeCard({
    config,
    tasks,
    model,
    weights: { of, epoch },
    data,
    metrics: mergedMetrics(held, found),
    environment,
    ...given({ followed: card?.followed }),
  });
}

/** What `result.json` says; intervals are of what was measured again. */
function trainedOf({ file, tasks, ranks }: TrainedRun): CardMetrics {
  if (file?.result.test === null || file === null) return {};
  const { test, undefined: missing = [] } = file.result;
  return trainedMetrics(test, [], missing, ranks ? (tasks[0] as string) : null);
}

function metricsOf({ tasks }: Evaluation): CardMetrics {
  const judged = Object.entries(tasks).map(([task, { values, perUser, undefined: missing }]) => {
    const entries = Object.entries(values).map(([metric, value]) => {
      const why = missing.find((one) => one.metric === metric)?.reason;
      return [metric, cardMetric({ value, perUser: perUser?.[metric], why })] as const;
    });
    return [task, Object.fromEntries(entries)] as const;
  });
  return Object.fromEntries(judged);
}

/** The card of an export: judged once more by all that the run can be judged by where it lies. */
export async function cardOf(run: TrainedRun): Promise<ModelCard> {
  try {
    return cardWith(run, await run.evaluate({ tasks: run.ranks ? "all" : [...run.tasks] }));
  } catch (error) {
    // Labelled rows are not kept with a run: what training found stands.
    if (!isGradpoolError(error)) throw error;
    return cardWith(run, null);
  }
}

/** Keeps a card with the run that it is of, once that has ended; not in a folder that cannot be written, as somebody else's may be. */
export function keepCard(run: TrainedRun, card: ModelCard): void {
  if (run.file === null) return;
  try {
    writeCard(run.folder, card);
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
  }
}
