import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { alignedMtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "AlignedMTL",
    pool: () => alignedMtl(),
    peers: {
      "TorchJD (default)": peer("TorchJD", "AlignedMTL", { scale_mode: "min" }),
      LibMTL: peer("LibMTL", "Aligned_MTL", {}, (tasks) => 1 / tasks),
    },
  },
  { describe, it },
);
