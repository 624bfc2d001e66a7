import { cpus, totalmem } from "node:os";
import type { Engine } from "@gradpool/trainer";
import { ownVersion } from "./version.js";

/** Versions of gradpool, Node and the backend; the machine in words. */
export function environment(engine: Engine): Record<string, string> {
  const { gradpool, node, ...rest } = machine();
  return { gradpool, node, engine: `${engine.kind}, ${engine.backend}`, ...rest };
}

/** The same without an engine. */
export function machine(): Readonly<Record<"gradpool" | "node" | "platform" | "processor" | "memory", string>> {
  const processors = cpus();
  return {
    gradpool: ownVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}
