import { GradpoolError } from "@gradpool/core";
import type { MadeWorkload, Workload, WorkloadRequest } from "./contract.js";

/** What a workload makes, which may be a third party's. Error `invalid-input` for an answer that lacks something. */
export function makeWorkload(workload: Workload, request: WorkloadRequest): MadeWorkload {
  const made = workload.make(request) as Partial<MadeWorkload> | undefined;
  const missing = (["model", "feed", "evaluation"] as const).filter((part) => made?.[part] === undefined);
  if (missing.length === 0) return made as MadeWorkload;
  throw new GradpoolError({
    code: "invalid-input",
    what: `what it makes has no ${missing.join(", no ")}`,
    where: `model ${workload.name}, make`,
    remedy: "return { model, feed, evaluation }",
  });
}
