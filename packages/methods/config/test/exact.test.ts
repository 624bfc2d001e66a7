import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { config } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "ConFIG",
    pool: () => config(),
    peers: { "TorchJD (default)": peer("TorchJD", "ConFIG") },
  },
  { describe, it },
);
