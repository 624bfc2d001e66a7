import type { Kernels } from "../contract.js";
import { combineKernels } from "./combine.js";
import { gramKernels } from "./gram.js";
import { graphKernels } from "./graph.js";
import { layerKernels } from "./layers.js";
import { optimizerKernels } from "./optimizer.js";
import { planeKernels } from "./planes.js";
import { rowKernels } from "./rows.js";
import { slotKernels } from "./slots.js";

/** The kernels in plain TypeScript: for tables that fit no WebAssembly memory, and for machines without it. */
export function plainKernels(): Kernels {
  return {
    kind: "plain",
    ...slotKernels,
    ...rowKernels,
    ...gramKernels,
    ...combineKernels,
    ...graphKernels,
    ...planeKernels,
    ...layerKernels,
    ...optimizerKernels(),
  };
}
