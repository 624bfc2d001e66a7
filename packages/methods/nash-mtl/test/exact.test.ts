import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { nashMtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "NashMTL",
    pool: () => nashMtl({ maxNorm: 0 }),
    peers: { "TorchJD (default)": peer("TorchJD", "NashMTL", { max_norm: 0 }) },
  },
  { describe, it },
);
