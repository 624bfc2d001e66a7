/**
 * One trial in a process of its own: `worker.js CONFIG OUT`, with a channel to the process that started it. A signal, or the
 * end of that process, lets it write a checkpoint and stop. Its last line on stderr says why it failed.
 */
import { asGradpoolError } from "@gradpool/registry";
import { readConfig, train, trainMessages } from "@gradpool/runs";

const [path = "", out = ""] = process.argv.slice(2);
const stop = new AbortController();
// Ctrl-C reaches the whole group and the parent passes it on: more than one signal is no hurry.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
process.on("disconnect", () => stop.abort());

try {
  const { result } = await train({
    config: readConfig(path),
    out,
    resume: true,
    // Hundreds of trials share their data.
    keepData: false,
    signal: stop.signal,
    onNote: (line) => process.stderr.write(`${line}\n`),
    onEvent: trainMessages((message) => {
      if (process.connected) process.send?.(message);
    }),
  });
  if (result.stopped === "interrupted") process.exitCode = 130;
} catch (error) {
  process.stderr.write(`gradpool: ${asGradpoolError(error).message.replaceAll(/\s*\n\s*/g, " ")}\n`);
  process.exitCode = 1;
} finally {
  if (process.connected) process.disconnect();
}
