import { main } from "../../packages/cli/src/terminal/main.js";
import { ownVersion } from "../../packages/cli/src/manifest.js";
import { type Places, stepCommand } from "./command.js";
import { targetsCommand } from "./targets.js";
import { runWorker } from "./worker.js";

/** The program of bench-step.js, as a command line and as one side of the comparison. */
export async function benchStep(argv: readonly string[], places: Places): Promise<number> {
  if (argv[0] === "--worker") {
    await runWorker(JSON.parse(argv[1] ?? "{}"));
    return 0;
  }
  const commands = [stepCommand(places), targetsCommand(places)];
  const entries = commands.map((command) => {
    return [command.name, { summary: command.summary, load: () => Promise.resolve(command) }] as const;
  });
  const named = commands.some(({ name }) => name === argv[0]) ? argv : ["step", ...argv];
  return await main(named, Object.fromEntries(entries), ownVersion(), process);
}
