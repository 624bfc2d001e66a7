import * as tf from "@tensorflow/tfjs";
import {
  aitm,
  type AitmOptions,
  cgc,
  clickModel,
  esmm,
  type FieldOptions,
  mmoe,
  ple,
  pleDeepfm,
  stem,
  type TensorModel,
  type TensorOps,
} from "@gradpool/models";
import { describeModel, type EngineRequest } from "@gradpool/testkit";
import { createEngine } from "@gradpool/trainer";
import { describe, it } from "vitest";
import { impressionsOf, vocabulary } from "./batches.js";

const onTfjs = (request: EngineRequest<TensorModel>) => createEngine({ ...request, tf: tf as unknown as TensorOps });
const inputs: FieldOptions = {
  fields: [
    { name: "user", vocabulary },
    { name: "item", vocabulary },
    { name: "tags", vocabulary, kind: "multi-hot" },
  ],
  numerical: 2,
  dim: 3,
};
const tasks = ["click", "cart", "buy"];
const experts = { ...inputs, tasks, expert: [5, 4], head: [4] };
const funnel = { ...inputs, tasks, head: [4] };
const steps: AitmOptions = { ...funnel, bottom: [5, 4], calibrator: 0 };

interface Case {
  readonly model: TensorModel;
  readonly refuses: Readonly<Record<string, () => unknown>>;
  readonly readsOthers?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  "DCN-v2 in parallel": {
    model: clickModel({ ...inputs, tasks, trunk: [5, 4], head: [4], interaction: "dcn-v2", structure: "parallel" }),
    refuses: { head: () => clickModel({ ...inputs, tasks, head: [0] }) },
  },
  "FM before experts": {
    model: cgc({ ...inputs, tasks: ["click", "buy"], expert: [3], head: [3], interaction: "fm", tables: "joint" }),
    refuses: { shared: () => cgc({ ...experts, interaction: "fm", shared: 0 }) },
  },
  "MMoE with batch normalisation": {
    model: mmoe({ ...inputs, tasks: ["click", "buy"], experts: 2, expert: [3], head: [3], batchNorm: true }),
    refuses: { head: () => mmoe({ ...experts, head: [0], batchNorm: true }) },
  },
  MMoE: {
    model: mmoe({ ...experts, experts: 3, dropout: 0.2, gate: [4], gateBias: true, numericalInput: "raw" }),
    refuses: { experts: () => mmoe({ ...experts, experts: 0 }), expert: () => mmoe({ ...experts, expert: [] }) },
  },
  CGC: {
    model: cgc({ ...experts, own: 2, shared: 2 }),
    refuses: { own: () => cgc({ ...experts, own: 0 }), tasks: () => cgc({ ...experts, tasks: [] }) },
  },
  "PLE of three levels": {
    model: ple({ ...experts, levels: 3, shared: 2 }),
    refuses: { levels: () => ple({ ...experts, levels: 0 }) },
  },
  "GradCraft's backbone": {
    model: pleDeepfm(experts),
    refuses: { dropout: () => pleDeepfm({ ...experts, dropout: 1 }) },
  },
  STEM: {
    model: stem({ ...experts, shared: 2 }),
    refuses: { layers: () => stem({ ...experts, layers: 0 }) },
    readsOthers: true,
  },
  ESMM: {
    model: esmm({ ...funnel, tasks: ["click", "buy"] }),
    refuses: { tasks: () => esmm(funnel) },
  },
  AITM: {
    model: aitm(steps),
    refuses: {
      tasks: () => aitm({ ...steps, tasks: ["click"] }),
      bottom: () => aitm({ ...steps, bottom: [] }),
    },
  },
};

for (const [name, { model, refuses, readsOthers = false }] of Object.entries(cases)) {
  describe(name, () => {
    describeModel(model, {
      describe,
      it,
      createEngine: onTfjs,
      batches: (seed) => impressionsOf(model.tasks.map((task) => task.name), seed), // prettier-ignore
      refuses,
      readsOthers,
    });
  });
}
