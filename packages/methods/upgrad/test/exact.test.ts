import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { dualProj, upgrad } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "UPGrad",
    pool: () => upgrad(),
    peers: {
      "TorchJD (default)": peer("TorchJD", "UPGrad", { norm_eps: 0.0001, pref_vector: null }),
      "TorchJD (no eps)": peer("TorchJD", "UPGrad", { norm_eps: 0 }),
      LibMTL: peer("LibMTL", "UPGrad"),
    },
  },
  { describe, it },
);

describeExact(
  {
    golden,
    method: "DualProj",
    pool: () => dualProj(),
    peers: {
      "TorchJD (default)": peer("TorchJD", "DualProj", { norm_eps: 0.0001 }),
      "TorchJD (no eps)": peer("TorchJD", "DualProj", { norm_eps: 0 }),
    },
  },
  { describe, it },
);
