import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { temporary } from "./fixture.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const asked = process.env["GRADPOOL_NATIVE_E2E"] === "1";
const root = temporary();
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The development dependency as the registry gives it, in a project of its own, beside links to its dependencies. */
function makeRealProject(): string {
  const source = realpathSync(join(here, "node_modules/@tensorflow/tfjs-node"));
  const target = join(root, "node_modules/@tensorflow/tfjs-node");
  cpSync(source, target, {
    recursive: true,
    filter: (path) => !["lib", "deps"].some((name) => path === join(source, name)),
  });
  const { dependencies } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(root, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(dirname(dirname(source)), name), link);
  }
  return root;
}

const run = (args: readonly string[]): string =>
  execFileSync(process.execPath, [join(here, "dist/cli.js"), ...args], { cwd: root, encoding: "utf8" });

describe("the real packages", () => {
  it.skipIf(!asked)(
    "tfjs-node gets TensorFlow 2.19.1, trains with it, and gives it back (downloads 250 MB: set GRADPOOL_NATIVE_E2E=1)",
    () => {
      makeRealProject();
      expect(JSON.parse(run(["install", "--json"]))).toMatchObject({
        action: "installed",
        tensorflow: "2.19.1",
        check: { tensorflow: "2.19.1" },
      });
      expect(JSON.parse(run(["install", "--json"]))).toMatchObject({ action: "already" });
      const native = JSON.stringify(join(here, "dist/index.js"));
      writeFileSync(
        join(root, "use.mjs"),
        // As on Node 23 and newer, where the two functions are gone.
        `import { createRequire } from "node:module";
       const require = createRequire(import.meta.url);
       delete require("node:util").isNullOrUndefined;
       delete require("node:util").isArray;
       const { shimNode } = await import(${native});
       shimNode();
       const tf = require("@tensorflow/tfjs-node");
       const x = tf.linspace(-1, 1, 64), w = tf.variable(tf.scalar(0)), adam = tf.train.adam(0.1);
       for (let step = 0; step < 200; step++) adam.minimize(() => tf.losses.meanSquaredError(x.mul(3), x.mul(w)));
       console.log(tf.getBackend(), w.dataSync()[0].toFixed(2));`,
      );
      expect(
        execFileSync(process.execPath, ["use.mjs"], {
          cwd: root,
          encoding: "utf8",
          env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" },
        }),
      ).toBe("tensorflow 3.00\n");
      expect(JSON.parse(run(["uninstall", "--json"]))).toMatchObject({ action: "removed", restored: false });
      expect(JSON.parse(run(["install", "--json", "--via", "pip"]))).toMatchObject({
        action: "installed",
        tensorflow: "2.19.1",
      });
    },
    600_000,
  );
});
