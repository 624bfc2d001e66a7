import { gradpool } from "./gradpool.js";

// A reader that stops early (`| head`) is no failure, nor is a terminal that was closed.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || error.code === "EIO") process.exit(0);
  throw error;
});
// Who reads no notes misses notes: what runs still has a checkpoint to write.
process.stderr.on("error", () => undefined);

process.exitCode = await gradpool(process.argv.slice(2));
