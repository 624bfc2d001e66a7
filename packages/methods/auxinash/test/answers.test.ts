import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { auxinash } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "auxinash",
    // The authors' Neumann sum is κ of its factor, terms and the losses' curvature: the first two are theirs, the third is an option.
    pool: ({ neumann, ...options }) =>
      auxinash({ ...options, curvature: (neumann as { curvature?: number } | undefined)?.curvature ?? 0 }),
    state: { p: (state) => state?.groups[""]?.subarray(0, (state.groups[""]?.length ?? 0) / 2) },
  },
  { describe, it },
);
