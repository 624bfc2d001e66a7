import { GradpoolError } from "@gradpool/core";
import { gradpool } from "./gradpool.js";
import { errorText, exitFailure, exitSuccess } from "./terminal/errors.js";

// A reader that stops early (`| head`) is no failure, nor is a terminal that was closed; a full disk is one.
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code === "EPIPE" || cause.code === "EIO") process.exit(exitSuccess);
  const what = `the answer could not be written: ${cause.message}`;
  const remedy = "free disk space, or send it elsewhere";
  process.stderr.write(
    `${errorText(new GradpoolError({ code: "failed", what, where: "standard output", remedy, cause }), false)}\n`,
  );
  process.exit(exitFailure);
});
// Who reads no notes misses notes: what runs still has a checkpoint to write.
process.stderr.on("error", () => undefined);

process.exitCode = await gradpool(process.argv.slice(2));
