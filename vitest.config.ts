import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { Slowest } from "./tooling/order.mjs";
import { workspacePackages } from "./tooling/workspace.mjs";

const sources = (folder: string): string => fileURLToPath(new URL(`./${folder}/src`, import.meta.url));

/** Tests of functions that keep nothing between calls: their files can share a worker, and most of their time is its start. */
const arithmetic = ["packages/{methods/*,core,linalg,metrics,testkit}/test/**/*.test.ts"];

export default defineConfig({
  // Tests read the sources, so that nothing has to be built between an edit and its test.
  resolve: {
    alias: workspacePackages().flatMap(({ name, folder }) => [
      { find: new RegExp(`^${name}$`), replacement: `${sources(folder)}/index.ts` },
      { find: new RegExp(`^${name}/([a-z0-9-]+)$`), replacement: `${sources(folder)}/$1.ts` },
    ]),
  },
  test: {
    globalSetup: ["tooling/stale.mjs"],
    projects: [
      { extends: true, test: { name: "arithmetic", include: arithmetic, isolate: false } },
      {
        extends: true,
        test: {
          name: "programs",
          include: ["{packages/*,site}/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: arithmetic,
          benchmark: { include: ["packages/*/bench/**/*.bench.ts", "test/**/*.bench.ts"] },
        },
      },
    ],
    sequence: { sequencer: Slowest },
    exclude: ["**/node_modules/**", "**/dist/**", "test/third-party/**"],
    // One core less is vitest's own choice, which on two cores leaves one of them idle.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["packages/{*,methods/*}/src/**/*.ts"],
      exclude: ["**/generated/**"],
      reporter: ["text-summary", "json-summary"],
      reportOnFailure: true,
    },
  },
});
