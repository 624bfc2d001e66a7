import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages/", import.meta.url));

export default defineConfig({
  // Tests read the sources, so that nothing has to be built between an edit and its test.
  resolve: {
    alias: [
      { find: /^@gradpool\/([a-z0-9-]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@gradpool\/([a-z0-9-]+)\/([a-z0-9-]+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/third-party/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/generated/**"],
      reporter: ["text-summary", "json-summary"],
      reportOnFailure: true,
    },
    benchmark: { include: ["packages/*/bench/**/*.bench.ts", "test/**/*.bench.ts"] },
  },
});
