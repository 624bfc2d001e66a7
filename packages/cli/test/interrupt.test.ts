import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { interruptible } from "../src/terminal/interrupt.js";
import { createTerminal } from "../src/terminal/terminal.js";

afterEach(() => vi.restoreAllMocks());

describe("Ctrl-C", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "that comes as %s, twice at once through npm, is one; a second later it ends the process",
    (name) => {
      const said: string[] = [];
      const stream = new PassThrough().on("data", (chunk: Buffer) => said.push(chunk.toString()));
      const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
      let now = 0;
      const streams = { stdout: stream, stderr: stream, stdin: process.stdin };
      const { signal, release } = interruptible(
        createTerminal(streams, { json: false, debug: false }),
        "saving",
        () => now,
      );
      process.emit(name, name);
      now = 20;
      process.emit(name, name);
      expect(signal.aborted).toBe(true);
      expect(exit).not.toHaveBeenCalled();
      expect(said).toEqual(["saving; once more to stop at once\n"]);
      now = 1500;
      process.emit(name, name);
      expect(exit).toHaveBeenCalledWith(130);
      release();
      expect(process.listenerCount("SIGHUP")).toBe(0);
    },
  );
});
