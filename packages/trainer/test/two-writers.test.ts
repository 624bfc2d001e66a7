import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ew } from "@gradpool/ew";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fit } from "../src/index.js";
import { collect, comparable, small } from "./fit-helpers.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-two-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = () => small(ew(), { checkpoint: { folder } }).options;
const refused = /^another process \(\d+\) is writing here \(.*\): wait until it ends, or choose another folder$/;
const filesOf = (): object =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "hex")]));

it("a second run in a folder of checkpoints is refused in one line, resuming or not; the first ends as if alone", async () => {
  const first = fit(run());
  for await (const event of first) {
    if (event.type !== "epoch" || event.epoch !== 3) continue;
    const before = filesOf();
    await expect(collect(run())).rejects.toThrow(refused);
    await expect(collect({ ...run(), resume: true })).rejects.toThrow(refused);
    expect(filesOf()).toEqual(before);
  }
  const alone = await collect(small(ew()).options);
  expect(comparable(await first.result())).toEqual(comparable(alone.result));
  expect(readdirSync(folder)).not.toContain("lock.json");
  expect((await collect({ ...run(), resume: true })).result.steps).toBe(alone.result.steps);
});

it("another process that trains there is refused, too", async () => {
  const program = `
    import { fit } from ${JSON.stringify(fileURLToPath(new URL("../dist/index.js", import.meta.url)))};
    const engine = { tasks: { names: ["a"] }, level: "parameters", kind: "embedding", needs: { batches: 1 } };
    await fit({ engine, feed: { stepsPerEpoch: 1 }, epochs: 1, checkpoint: { folder: ${JSON.stringify(folder)} } })
      .result().catch((error) => console.log(error.message));`;
  const first = fit(run());
  for await (const event of first) {
    if (event.type !== "epoch" || event.epoch !== 1) continue;
    const other = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(other.stdout.trim(), other.stderr).toMatch(refused);
    expect(other.stdout).toContain(`(${process.pid})`);
  }
  expect((await first.result()).stopped).toBe("epochs");
});

it("a loop over the events that is left early gives the folder back", async () => {
  for await (const event of fit(run())) if (event.type === "checkpoint") break;
  expect((await collect({ ...run(), resume: true })).result.stopped).toBe("epochs");
});
