import { cpus, totalmem } from "node:os";
import type { Engine } from "@gradpool/trainer";
import { ownVersion } from "./version.js";

/** Versions of gradpool, Node and the backend; the machine in words. */
export function environment(engine: Engine): Record<string, string> {
  const processors = cpus();
  return {
    gradpool: ownVersion(),
    node: process.versions.node,
    engine: `${engine.kind}, ${engine.backend}`,
    platform: `${process.platform} ${process.arch}`,
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}
