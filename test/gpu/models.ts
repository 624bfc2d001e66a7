import { atRepresentation, type GradientPool } from "@gradpool/core";
import type { ImpressionsBatch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { gradCraft } from "@gradpool/gradcraft";
import { metaBalance } from "@gradpool/metabalance";
import { aitm, clickModel, esmm, mmoe, ple, pleDeepfm, sharedBottom, stem, type TensorBatch, type TensorModel } from "@gradpool/models"; // prettier-ignore
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { impressions, jointBatch } from "../../packages/trainer/test/tensor-helpers.js";

const tasks = ["click", "cart", "buy"];
const size = 512;
const vocabulary = 500;
const shape = { fields: 6, vocabulary, numerical: 3, size };
const fields = [
  ...Array.from({ length: 6 }, (_, f) => ({ name: `f${f}`, vocabulary })),
  { name: "tags", vocabulary, kind: "multi-hot" as const },
];
const init = { kind: "normal", std: 0.1 } as const;
const inputs = { fields, numerical: 3, tasks, dim: 8, head: [16], init } as const;
const experts = { ...inputs, expert: [64, 32] } as const;
const rows = impressions(tasks, shape, 7);

/** Of a funnel each step's positives are among those of the step before, and all rows are labelled. */
function funnelRows(): ImpressionsBatch {
  const labels = rows.labels.map((own, t) =>
    own.map((y, r) => (rows.labels.slice(0, t + 1).every((before) => before[r] === 1) ? y : 0)),
  );
  return { ...rows, labels, masks: rows.masks.map((mask) => new Uint8Array(mask.length).fill(1)) };
}

/** Every kind of model that the tensor engine runs, at sizes whose products fill a card's tiles. */
export const models: readonly (readonly [string, TensorModel, TensorBatch])[] = [
  [
    "shared-bottom",
    sharedBottom({ users: 900, items: 700, tasks, dim: 16, mlp: [64, 32], tower: [16], dropout: 0.2, init }),
    jointBatch(tasks, 900, 700, size),
  ],
  ["click", clickModel({ ...inputs, trunk: [128, 64], batchNorm: true, dropout: 0.2 }), rows],
  ["mmoe", mmoe(experts), rows],
  ["ple", ple(experts), rows],
  ["ple-deepfm", pleDeepfm({ ...experts, dropout: 0 }), rows],
  ["stem", stem(experts), rows],
  ["esmm", esmm({ ...inputs, tasks: ["click", "buy"] }), { ...funnelRows(), ...two() }],
  ["aitm", aitm({ ...inputs, bottom: [64, 32] }), funnelRows()],
];

function two(): Pick<ImpressionsBatch, "tasks" | "labels" | "masks"> {
  const { labels, masks } = funnelRows();
  return { tasks: ["click", "buy"], labels: labels.slice(0, 2), masks: masks.slice(0, 2) };
}

export const pools = [
  ew(),
  pcgrad(),
  metaBalance(),
  gradCraft(),
  pmtRec(),
  multiBalance(),
  atRepresentation(pcgrad()),
  atRepresentation(metaBalance()),
] as readonly GradientPool[];
