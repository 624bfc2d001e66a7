import { clickWorkload } from "./click.js";
import type { Workload } from "./contract.js";
import { lightgcnWorkload } from "./lightgcn.js";
import { mfWorkload } from "./mf.js";
import { ngcfWorkload } from "./ngcf.js";
import { sharedBottomWorkload } from "./shared-bottom.js";

/** The models that `model` can name without a path. To add one: a file that exports a workload, and its place here. */
export const workloads: readonly Workload[] = [
  mfWorkload,
  lightgcnWorkload,
  ngcfWorkload,
  sharedBottomWorkload,
  clickWorkload,
];
