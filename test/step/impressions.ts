import { createRandom } from "@gradpool/core";
import type { ImpressionsBatch } from "@gradpool/data";
import type { StepShape } from "./types.js";

/** kind0, kind1, … */
export const names = (kind: string, count: number): string[] => Array.from({ length: count }, (_, k) => `${kind}${k}`);

/** Fields whose low ids are common, as the peer draws them (⌊u² · vocab⌋), and labels of which a tenth is 1. */
export function impressions({ fields, vocab, tasks, batch }: StepShape): readonly ImpressionsBatch[] {
  const random = createRandom(1);
  return Array.from({ length: 16 }, (): ImpressionsBatch => ({
    kind: "impressions",
    size: batch,
    tasks: names("task", tasks),
    users: new Int32Array(batch),
    fields: names("field", fields).map((name) => ({
      kind: "one-hot",
      name,
      vocabulary: vocab,
      ids: Int32Array.from({ length: batch }, () => Math.min(vocab - 1, Math.floor(random.uniform() ** 2 * vocab))),
    })),
    numericalNames: [],
    numerical: new Float32Array(0),
    labels: names("task", tasks).map(() => Float32Array.from({ length: batch }, () => Number(random.uniform() < 0.1))),
    masks: names("task", tasks).map(() => new Uint8Array(batch).fill(1)),
  }));
}
