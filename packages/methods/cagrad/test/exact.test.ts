import { describeExact, peer, readGolden } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { cagrad } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

describeExact(
  {
    golden,
    method: "CAGrad",
    pool: ({ options }) => cagrad({ c: Number(options["c"]), rescale: 0 }),
    compared: ({ options }) => options["c"] === 0.5,
    peers: {
      "TorchJD (default)": peer("TorchJD", "CAGrad", { c: 0.5, norm_eps: 0.0001 }),
      LibMTL: peer("LibMTL", "CAGrad", { calpha: 0.5, rescale: 0 }),
    },
  },
  { describe, it },
);
