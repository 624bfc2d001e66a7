import type { Workload } from "./types.js";

/** The workloads by name, each loaded when it is asked for. */
export const workloads: Readonly<Record<string, () => Promise<Workload>>> = {
  ctr: async () => (await import("./ctr.js")).ctrWorkload,
  "ctr-wide": async () => (await import("./ctr.js")).ctrWideWorkload,
  experts: async () => (await import("./experts.js")).expertsWorkload,
  graph: async () => (await import("./graph.js")).graphWorkload,
  mf: async () => (await import("./mf.js")).mfWorkload,
  ranking: async () => (await import("./ranking.js")).rankingWorkload,
};
