/**
 * One trial in a process of its own: `worker.js JOB`, with a channel to the process that started it. A signal, or the end of
 * that process, lets it write a checkpoint and stop. Its last line on stderr says why it failed.
 */
import { asGradpoolError } from "@gradpool/registry";
import { holdsRun, train, trainMessages } from "@gradpool/runs";
import { exitDamaged, exitInterrupted, type Job } from "./job.js";
import { endWithParent } from "./orphan.js";

const stop = new AbortController();
// Ctrl-C reaches the whole group and the parent passes it on: more than one signal is no hurry.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
process.on("disconnect", () => stop.abort());
// Its end may have been before that.
if (!process.connected) stop.abort();

/** A bench that was killed leaves its trials to end by themselves, which takes them a checkpoint. */
const untilEnded = 60_000;
await endWithParent(untilEnded);

let held = false;
try {
  const { config, out, allow, tensorboard, patience = untilEnded } = JSON.parse(process.argv[2] ?? "") as Job;
  held = holdsRun(out);
  const { result } = await train({
    config,
    out,
    // Whatever is there by the time that this process has the folder: one that a killed bench left may be at it still.
    resume: true,
    wholeLogs: true,
    patience,
    // Hundreds of trials share their data.
    keepData: false,
    ...(allow !== undefined && { allow }),
    ...(tensorboard !== undefined && { tensorboard }),
    signal: stop.signal,
    onEvent: trainMessages((message) => {
      if (process.connected) process.send?.(message);
    }),
  });
  if (result.stopped === "interrupted") process.exitCode = exitInterrupted;
} catch (error) {
  const { code, message } = asGradpoolError(error);
  process.stderr.write(`gradpool: ${message.replaceAll(/\s*\n\s*/g, " ")}\n`);
  // The folder is named after the configuration: another one in it is no mistake of the caller's.
  const damaged = code === "damaged" || (held && code === "invalid-input");
  process.exitCode = damaged ? exitDamaged : code === "interrupted" ? exitInterrupted : 1;
} finally {
  if (process.connected) process.disconnect();
}
