import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as metrics from "@gradpool/metrics";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("README", () => {
  it("its example runs and prints what it says", async () => {
    const code = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
    const printed: unknown[][] = [];
    const body = code.replace(/import (\{[^}]*\}) from "@gradpool\/metrics";/, "const $1 = metrics;");
    const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
    await AsyncFunction("metrics", "console", body)(metrics, { log: (...args: unknown[]) => printed.push(args) });
    const promised = [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1]);
    expect(promised.length).toBeGreaterThan(2);
    expect(printed.map((args) => args.map((arg) => JSON.stringify(arg)).join(" "))).toEqual(promised);
  });

  it("names every metric that parseMetric knows", () => {
    for (const name of metrics.metricNames) expect(readme.includes(`\`${name}\``), name).toBe(true);
  });

  it("names every export", () => {
    for (const name of Object.keys(metrics)) expect(readme.includes(`\`${name}`), name).toBe(true);
  });
});
