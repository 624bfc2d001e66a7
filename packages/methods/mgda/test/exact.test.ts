import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { mgda } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "MGDA",
    pool: () => mgda(),
    leavesZeroOut: true,
    peers: {
      "TorchJD (default)": peer("TorchJD", "MGDA", { epsilon: 0.001 }),
      "TorchJD (20,000 steps)": peer("TorchJD", "MGDA", { max_iters: 20000 }),
      LibMTL: peer("LibMTL", "MGDA", { mgda_gn: "none" }),
    },
  },
  { describe, it },
);
