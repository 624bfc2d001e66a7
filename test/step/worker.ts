import { createInterface } from "node:readline";
import { GradpoolError } from "@gradpool/core";
import type { Block, Ready, StepSpec, Workload } from "./types.js";
import { workloads } from "./workloads.js";

export async function loadWorkload(name: string): Promise<Workload> {
  const load = Object.hasOwn(workloads, name) ? workloads[name] : undefined;
  if (load !== undefined) return await load();
  throw new GradpoolError({
    code: "usage",
    what: `--workload is ${name}`,
    where: "command line",
    remedy: `give ${Object.keys(workloads).join(" or ")}`,
  });
}

/** Milliseconds, of all threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Our side of the comparison, in a process of its own: for each number read, so many steps, and a line about them. */
export async function runWorker(spec: StepSpec): Promise<void> {
  // Over TensorFlow's GPU wheel tfjs-node would take the card as well.
  if (spec.backend === "node") process.env["CUDA_VISIBLE_DEVICES"] = "";
  const now = spec.clock === "cpu" ? processorTime : () => performance.now();
  const stepper = await (await loadWorkload(spec.workload)).create(spec);
  const say = (line: Ready | Block): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const { backend, level, samples } = stepper;
  say({ library: "gradpool", backend, level, samples });
  for await (const line of createInterface({ input: process.stdin })) {
    const times: number[] = [];
    for (let k = 0; k < Number(line); k++) {
      const start = now();
      await stepper.step();
      times.push(now() - start);
    }
    say({ times, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) });
  }
}
