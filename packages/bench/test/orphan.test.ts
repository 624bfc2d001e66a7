import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const tool = new URL("../../../tooling/typescript.mjs", import.meta.url).href;

/** A process that never comes back to its events, as one that runs a pool which hangs. */
const hanging = `
  const { importSource } = await import(${JSON.stringify(tool)});
  const { endWithParent } = await importSource("packages/bench/src/trials/orphan.ts");
  await endWithParent(600);
  process.stdout.write(String(process.pid));
  for (;;);
`;

/** One that starts it, and can be killed. */
const starting = `
  import { spawn } from "node:child_process";
  spawn(process.execPath, ["--input-type=module", "-e", process.argv[1]], { stdio: "inherit" });
`;

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it("a trial that hangs goes on while its parent is there, and ends after it, though its own code never looks", async () => {
  const parent = spawn(process.execPath, ["--input-type=module", "-e", starting, hanging], {
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
  const child = Number(text);
  try {
    // Longer than it may live alone.
    await pause(1500);
    expect(runs(child)).toBe(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    while (runs(child)) await pause(50);
  } finally {
    if (runs(child)) process.kill(child, "SIGKILL");
  }
});
