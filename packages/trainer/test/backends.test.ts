import { isGradpoolError } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { shimNode } from "../src/backends/loaders.js";
import { selectBackend } from "../src/backends/select.js";

describe("selectBackend", () => {
  it("loads wasm and cpu, whose gradients are there", async () => {
    for (const name of ["wasm", "cpu"] as const) {
      const { tf, reason } = await selectBackend(name, { log: null });
      expect(reason).toBe("named");
      expect(tf.getBackend()).toBe(name);
      const gradient = tf.tidy(() => [
        ...tf
          .grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))
          .dataSync(),
      ]);
      expect(gradient).toEqual([2, 4]);
    }
  });

  it("chooses by itself, says which and why, and says it once", async () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const first = await selectBackend("auto", { log });
    await selectBackend("auto", { log });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`backend ${first.name}`);
    expect(first.reason).toMatch(
      first.name === "node-gpu" ? /first choice/ : /node-gpu (is not installed|has no|does not)/,
    );
  });

  it("refuses an unknown name, and says what to install for one that does not load", async () => {
    await expect(selectBackend("gpu" as never)).rejects.toThrow(/node-gpu, node, wasm, cpu/);
    const outcome = await selectBackend("node-gpu", { log: null }).catch((error: unknown) => error);
    // A machine with a GPU and its library answers with the backend.
    if (isGradpoolError(outcome)) expect(outcome.message).toMatch(/tfjs-node-gpu.*@gradpool\/native install --gpu/);
    else expect(outcome).toMatchObject({ name: "node-gpu" });
  });

  it("gives back what Node 23 took from util", async () => {
    const { default: util } = await import("node:util");
    shimNode();
    expect((util as never as Record<string, (x: unknown) => boolean>)["isNullOrUndefined"]?.(null)).toBe(true);
    expect((util as never as Record<string, (x: unknown) => boolean>)["isArray"]?.([])).toBe(true);
  });
});
