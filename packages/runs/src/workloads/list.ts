import { itemKnnWorkload } from "./item-knn.js";
import { popularityWorkload } from "./popularity.js";
import { aitmWorkload } from "./aitm.js";
import { cgcWorkload } from "./cgc.js";
import { clickWorkload } from "./click.js";
import type { Workload } from "./contract.js";
import { esmmWorkload } from "./esmm.js";
import { lightgcnWorkload } from "./lightgcn.js";
import { mfWorkload } from "./mf.js";
import { mmoeWorkload } from "./mmoe.js";
import { ngcfWorkload } from "./ngcf.js";
import { pleDeepfmWorkload } from "./ple-deepfm.js";
import { pleWorkload } from "./ple.js";
import { sharedBottomWorkload } from "./shared-bottom.js";
import { stemWorkload } from "./stem.js";

/** The models that `model` can name without a path. To add one: a file that exports a workload, and its place here. */
export const workloads: readonly Workload[] = [
  mfWorkload,
  lightgcnWorkload,
  ngcfWorkload,
  sharedBottomWorkload,
  clickWorkload,
  mmoeWorkload,
  cgcWorkload,
  pleWorkload,
  pleDeepfmWorkload,
  stemWorkload,
  esmmWorkload,
  aitmWorkload,
  popularityWorkload,
  itemKnnWorkload,
];
