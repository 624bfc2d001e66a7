import { existsSync } from "node:fs";
import type { TrainConfig } from "@gradpool/runs";
import { usageError } from "../terminal/errors.js";

/** `shop` names the embedded generator, and may be the name of a prepared set here, too: neither is taken silently for the other. */
export function requireClear({ data }: Partial<TrainConfig>): void {
  if (data?.trim() !== "shop" || !existsSync("shop/manifest.json")) return;
  const what = "shop is the embedded generator, and a prepared set lies in ./shop";
  throw usageError(what, "--data", "write ./shop for the set, 'shop()' for the generator");
}
