import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { imtl } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "IMTLG",
    pool: () => imtl(),
    peers: { "TorchJD (default)": peer("TorchJD", "IMTLG"), LibMTL: peer("LibMTL", "IMTL") },
  },
  { describe, it },
);
